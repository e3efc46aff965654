internal import NetLoop
internal import Synchronization

/// How many connections all loops have together, against the limit.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)
    private let limit: Int
    private let logger: any ServerLogger

    init(limit: Int, logger: any ServerLogger) {
        self.limit = limit
        self.logger = logger
    }

    /// Counts `connection` until it closes; over the limit it is closed at once.
    func admit(_ connection: TCPConnection) -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            count.wrappingSubtract(1, ordering: .relaxed)
            logger.log(at: .warning, "connection refused: \(limit) are open; raise `limits.connections`")
            connection.close()
            return false
        }
        connection.counter = self
        return true
    }
}

extension ConnectionCount: ConnectionCounter {
    func connectionClosed() {
        count.wrappingSubtract(1, ordering: .relaxed)
    }
}
