internal import NetLoop
internal import SocketIOWire

/// What is said in the log about the connections to Redis: why it is away once for each reason, until it is there again.
final class RedisNews {
    private let url: RedisURL
    private let delegate: any RedisClientDelegate
    /// What was logged since Redis was there last.
    private var told: Set<String> = []
    private var droppedCount = 0

    /// So many different lines at most until Redis is there again.
    private static let maxTold = 16

    init(of url: RedisURL, to delegate: any RedisClientDelegate) {
        (self.url, self.delegate) = (url, delegate)
    }

    /// All connections that are wanted are there.
    func isThere() {
        if !told.isEmpty { delegate.redisLogged(.info, "Redis at \(url) is there again") }
        if droppedCount > 0 {
            delegate.redisLogged(.warning, "\(droppedCount) messages to Redis at \(url) were lost while it was away")
        }
        told = []
        droppedCount = 0
    }

    /// - Parameter node: Of a cluster, or the one Redis that there is.
    func isAway(_ node: RedisURL, because reason: String) {
        let text = "Redis at \(node) is away, and will be tried again: \(reason)"
        guard told.count < Self.maxTold, !told.contains(text) else { return }
        // Before the server listens there is no log: it is said when it happens again.
        if delegate.redisLogged(.warning, text) { told.insert(text) }
    }

    func refused(_ error: RESPError, by node: RedisURL) {
        delegate.redisLogged(.warning, "Redis at \(node) refused what was sent: \(error.description)")
    }

    func dropped(_ count: Int) {
        droppedCount += count
        delegate.redisLogged(
            .warning, "messages to Redis at \(url) are lost: too many wait for it, or it was lost before it answered")
    }

    func slotsMoved() {
        delegate.redisLogged(.info, "the cluster of Redis at \(url) has moved slots, which are followed")
    }
}
