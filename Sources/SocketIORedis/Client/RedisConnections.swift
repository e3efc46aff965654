internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// Whether Redis is there; any thread may ask.
final class RedisPresence: Sendable {
    let value = Atomic<Bool>(false)
}

/// The connections of a client, on their loop's thread, and what is said about them in the log: why Redis is away once for
/// each reason, until it is there again.
final class RedisConnections {
    private let url: RedisURL
    private let delegate: any RedisClientDelegate
    let commands: RedisConnection
    private let subscriptions: RedisConnection
    private let reader: RedisStreamReader?
    /// Whether all connections are open.
    private let isThere: RedisPresence
    /// Those that have been started.
    private var started: [RedisConnection] = []
    /// Whether the stream, if there is one, is read: who is subscribed is counted as there, and is to hear everything.
    private var mayListen: Bool
    private var wantsToListen = false
    /// What was logged since Redis was there last.
    private var told: Set<String> = []
    private var dropped = 0

    /// So many different lines at most until Redis is there again.
    private static let maxTold = 16

    /// - Parameter stream: Which is read, if any is.
    init(
        _ url: RedisURL, tls: TLSContext?, settings: RedisSession.Settings, stream: String?,
        isThere: RedisPresence, on loop: EventLoop, delegate: any RedisClientDelegate
    ) {
        self.url = url
        self.isThere = isThere
        self.delegate = delegate
        commands = RedisConnection(.commands, to: url, tls: tls, settings: settings, on: loop)
        subscriptions = RedisConnection(.subscriptions, to: url, tls: tls, settings: settings, on: loop)
        reader = stream.map { stream in
            let connection = RedisConnection(.commands, to: url, tls: tls, settings: settings, on: loop)
            return RedisStreamReader(
                stream, over: connection, { delegate.redisRead($0) }, reached: { delegate.redisHasRead(upTo: $0) })
        }
        mayListen = stream == nil
        commands.owner = self
        subscriptions.owner = self
        reader?.connection.owner = self
    }

    func start() {
        started.append(commands)
        commands.start()
        guard let reader else { return }
        started.append(reader.connection)
        reader.start { [weak self] in
            self?.mayListen = true
            self?.listen()
        }
    }

    func end() {
        commands.end()
        subscriptions.end()
        reader?.end()
    }

    func subscribe(_ wanted: [RedisSubscription]) {
        subscriptions.subscribe(wanted)
        wantsToListen = true
        listen()
    }

    func unsubscribe(_ unwanted: [RedisSubscription]) {
        subscriptions.unsubscribe(unwanted)
    }

    /// Who publishes only has no connection to listen.
    private func listen() {
        guard wantsToListen, mayListen, !started.contains(where: { $0 === subscriptions }) else { return }
        started.append(subscriptions)
        subscriptions.start()
    }

    func tellPosition() { reader?.tell() }

    /// Of the last entry of the stream that was read; nil before the first time.
    var streamPosition: RedisStreamID? { reader?.position }

    /// Calls `body` once all that is in the stream by now was read, if one is.
    func afterStream(_ bytes: Int, _ body: @escaping () -> Void) {
        guard let reader else { return body() }
        reader.afterNow(bytes, over: commands, body)
    }
}

extension RedisConnections: RedisConnectionOwner {
    func redisOpened(_ connection: RedisConnection) {
        if connection === reader?.connection { reader?.begin() }
        guard started.allSatisfy(\.isOpen) else { return }
        isThere.value.store(true, ordering: .relaxed)
        if !told.isEmpty { delegate.redisLogged(.info, "Redis at \(url) is there again") }
        if dropped > 0 {
            delegate.redisLogged(.warning, "\(dropped) messages to Redis at \(url) were lost while it was away")
        }
        told = []
        dropped = 0
    }

    func redisClosed(_ connection: RedisConnection, because reason: String) {
        isThere.value.store(false, ordering: .relaxed)
        if connection === reader?.connection { reader?.pause() }
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
