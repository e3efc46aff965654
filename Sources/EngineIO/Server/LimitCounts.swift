internal import Synchronization

/// How often each limit of a server was met since it began to listen, by the limit's name.
///
/// Any thread. Nothing of the message path comes by here, but what ends a connection, or is refused.
package final class LimitCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    package init() {}

    package func note(_ name: String, times count: Int = 1) {
        counts.withLock { $0[name, default: 0] += count }
    }

    package var all: [String: Int] { counts.withLock { $0 } }
}
