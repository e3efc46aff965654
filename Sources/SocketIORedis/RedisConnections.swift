internal import NetLoop
internal import SocketIOWire

/// The two connections of a client, on their loop's thread, and what is said about them in the log: why Redis is away once
/// for each reason, until it is there again.
final class RedisConnections {
    private let url: RedisURL
    private let delegate: any RedisClientDelegate
    let commands: RedisConnection
    let subscriptions: RedisConnection
    /// What was logged since Redis was there last.
    private var told: Set<String> = []
    private var dropped = 0

    /// So many different lines at most until Redis is there again.
    private static let maxTold = 16

    init(
        _ url: RedisURL, tls: TLSContext?, settings: RedisSession.Settings, on loop: EventLoop,
        delegate: any RedisClientDelegate
    ) {
        self.url = url
        self.delegate = delegate
        commands = RedisConnection(.commands, to: url, tls: tls, settings: settings, on: loop)
        subscriptions = RedisConnection(.subscriptions, to: url, tls: tls, settings: settings, on: loop)
        commands.owner = self
        subscriptions.owner = self
    }

    func start() {
        commands.start()
        subscriptions.start()
    }

    func end() {
        commands.end()
        subscriptions.end()
    }

}

extension RedisConnections: RedisConnectionOwner {
    func redisOpened(_ connection: RedisConnection) {
        guard commands.isOpen, subscriptions.isOpen else { return }
        if !told.isEmpty { delegate.redisLogged(.info, "Redis at \(url) is there again") }
        if dropped > 0 {
            delegate.redisLogged(.warning, "\(dropped) messages to Redis at \(url) were lost while it was away")
        }
        told = []
        dropped = 0
    }

    func redisClosed(_ connection: RedisConnection, because reason: String) {
        let text = "Redis at \(url) is away, and will be tried again: \(reason)"
        guard told.count < Self.maxTold, !told.contains(text) else { return }
        // Before the server listens there is no log: it is said when it happens again.
        if delegate.redisLogged(.warning, text) { told.insert(text) }
    }

    func redisPublished(_ message: RedisMessage) {
        delegate.redisPublished(message)
    }

    func redisSubscribed(_ subscription: RedisSubscription) {
        delegate.redisSubscribed(subscription)
    }

    func redisUnsubscribed(_ subscription: RedisSubscription) {}

    func redisComplained(_ error: RESPError) {
        delegate.redisLogged(.warning, "Redis at \(url) refused what was sent: \(error.description)")
    }

    func redisDropped(_ count: Int) {
        dropped += count
        delegate.redisLogged(
            .warning, "messages to Redis at \(url) are lost: too many wait for it, or it was lost before it answered")
    }
}
