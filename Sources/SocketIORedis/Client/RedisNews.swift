internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// Whether Redis is there; any thread may ask.
final class RedisPresence: Sendable {
    let value = Atomic<Bool>(false)
}

/// How much of what was sent is known to be lost, or was refused: it only grows. Any thread.
final class RedisLosses: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }
    func add(_ count: Int) { value.wrappingAdd(count, ordering: .relaxed) }
}

/// What is said in the log about the connections to Redis: why it is away once for each reason, until it is there again.
final class RedisNews {
    private let url: RedisURL
    private let delegate: any RedisClientDelegate
    /// Whether all connections are open.
    private let presence: RedisPresence
    private let losses: RedisLosses
    /// What was logged since Redis was there last.
    private var told: Set<String> = []
    private var droppedCount = 0

    /// So many different lines at most until Redis is there again.
    private static let maxTold = 16

    init(
        of url: RedisURL, isThere presence: RedisPresence, losses: RedisLosses, to delegate: any RedisClientDelegate
    ) {
        (self.url, self.presence, self.losses, self.delegate) = (url, presence, losses, delegate)
    }

    /// All connections that are wanted are there.
    func isThere() {
        presence.value.store(true, ordering: .relaxed)
        if !told.isEmpty { delegate.redisLogged(.info, "Redis at \(url) is there again") }
        if droppedCount > 0 {
            delegate.redisLogged(.warning, "\(droppedCount) messages to Redis at \(url) were lost while it was away")
        }
        told = []
        droppedCount = 0
    }

    /// A connection is made anew elsewhere, which is no trouble.
    func isMoving() {
        presence.value.store(false, ordering: .relaxed)
    }

    /// - Parameter node: Of a cluster, or the one Redis that there is.
    func isAway(_ node: RedisURL, because reason: String) {
        presence.value.store(false, ordering: .relaxed)
        let text = "Redis at \(node) is away, and will be tried again: \(reason)"
        guard told.count < Self.maxTold, !told.contains(text) else { return }
        // Before the server listens there is no log: it is said when it happens again.
        if delegate.redisLogged(.warning, text) { told.insert(text) }
    }

    func refused(_ error: RESPError, by node: RedisURL) {
        delegate.redisLogged(.warning, "Redis at \(node) refused what was sent: \(error.description)")
    }

    /// A command that nobody waits for was refused.
    func lost(_ error: RESPError, by node: RedisURL) {
        losses.add(1)
        refused(error, by: node)
    }

    /// Commands that nobody waits for are lost.
    func dropped(_ count: Int) {
        losses.add(count)
        noteDropped(count)
    }

    /// Those that are lost have been counted.
    func noteDropped(_ count: Int) {
        droppedCount += count
        delegate.redisLogged(
            .warning, "messages to Redis at \(url) are lost: too many wait for it, or it was lost before it answered")
    }

    func slotsMoved() {
        delegate.redisLogged(.info, "the cluster of Redis at \(url) has moved slots, which are followed")
    }
}
