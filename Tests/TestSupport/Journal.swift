internal import Dispatch
internal import Synchronization

/// What happened on other threads, for a test to wait for line by line.
package final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    private let count = DispatchSemaphore(value: 0)

    package init() {}

    package func append(_ line: String) {
        lines.withLock { $0.append(line) }
        count.signal()
    }

    /// The oldest line not taken yet; blocks until there is one.
    package func next(within patience: Duration = .seconds(30)) throws -> String {
        let milliseconds = Int(patience / .milliseconds(1))
        guard count.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else {
            throw RawClientError(description: "nothing happened within \(patience)")
        }
        return lines.withLock { $0.removeFirst() }
    }

    /// The lines not taken yet.
    package var rest: [String] { lines.withLock { $0 } }
}
