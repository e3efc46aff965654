internal import NetLoop
internal import SocketIOWire

/// The connections of a client, on their loop's thread: to one Redis or, once the first has said so, to the nodes of a
/// cluster.
final class RedisConnections {
    private let tls: TLSContext?
    private let settings: RedisSession.Settings
    private let delegate: any RedisClientDelegate
    let news: RedisNews
    private let commands: RedisConnection
    private let subscriptions: RedisConnection
    private let reader: RedisStreamReader?
    private var cluster: RedisCluster?
    /// Those that have been started.
    private var started: [RedisConnection] = []
    /// Whether the stream, if there is one, is read: who is subscribed is counted as there, and is to hear everything.
    private var mayListen: Bool
    /// Whether Redis has said what it is.
    private var isKnown = false
    /// Who waits until all is answered, as long as that is not known.
    private var settling: [RedisConnection.Reply] = []
    private var isEnded = false

    /// - Parameter stream: Which is read, if any is.
    init(
        _ url: RedisURL, tls: TLSContext?, settings: RedisSession.Settings, stream: String?,
        isThere: RedisPresence, losses: RedisLosses, on loop: EventLoop, delegate: any RedisClientDelegate
    ) {
        self.tls = tls
        self.settings = settings
        self.delegate = delegate
        news = RedisNews(of: url, isThere: isThere, losses: losses, to: delegate)
        commands = RedisConnection(.commands, to: url, tls: tls, settings: settings, on: loop)
        subscriptions = RedisConnection(.subscriptions, to: url, tls: tls, settings: settings, on: loop)
        reader = stream.map { stream in
            // It goes from node to node by itself.
            var settings = settings
            settings.knowsCluster = true
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
        isEnded = true
        commands.end()
        subscriptions.end()
        reader?.end()
        cluster?.end()
        let waiting = settling
        settling = []
        for reply in waiting { reply(.failure(.ended)) }
    }

    func send(_ command: RedisCommand, reply: RedisConnection.Reply? = nil) {
        if let cluster { cluster.send(command, reply: reply) } else { commands.send(command, reply: reply) }
    }

    /// Asks all nodes of a cluster, or the one Redis that there is.
    func sendToAll(_ command: RedisCommand, reply: @escaping (Result<[RESPValue], RedisError>) -> Void) {
        if let cluster { return cluster.sendToAll(command, reply: reply) }
        commands.send(command) { result in reply(result.map { [$0] }) }
    }

    /// Calls `reply` once all that was sent before is answered.
    func settle(_ reply: @escaping RedisConnection.Reply) {
        if isEnded { return reply(.failure(.ended)) }
        if let cluster { return cluster.settle(reply) }
        guard isKnown else {
            guard settling.count < settings.unansweredBytes / RedisSession.commandBytes else {
                return reply(.failure(.overloaded))
            }
            return settling.append(reply)
        }
        commands.send(RedisCommand("PING"), reply: reply)
    }

    /// Redis has said what it is.
    private func becomeKnown() {
        isKnown = true
        let waiting = settling
        settling = []
        for reply in waiting { settle(reply) }
        listen()
    }

    func subscribe(_ wanted: [RedisSubscription]) {
        if mayListen, let cluster { return cluster.subscribe(wanted) }
        subscriptions.subscribe(wanted)
        listen()
    }

    func unsubscribe(_ unwanted: [RedisSubscription]) {
        subscriptions.unsubscribe(unwanted)
        cluster?.unsubscribe(unwanted)
    }

    /// Who publishes only has no connection to listen.
    private func listen() {
        let wanted = subscriptions.subscriptions
        guard isKnown, mayListen, !wanted.isEmpty else { return }
        if let cluster {
            subscriptions.forget(Array(wanted))
            return cluster.subscribe(Array(wanted))
        }
        guard !started.contains(where: { $0 === subscriptions }) else { return }
        started.append(subscriptions)
        subscriptions.start()
    }

    func tellPosition() { reader?.tell() }

    /// Of the last entry of the stream that was read; nil before the first time.
    var streamPosition: RedisStreamID? { reader?.position }

    /// Calls `body` once all that is in the stream by now was read, if one is.
    func afterStream(_ bytes: Int, _ body: @escaping () -> Void) {
        guard let reader else { return body() }
        let isOpen = cluster?.isOpen(for: Array(reader.stream.utf8)) ?? commands.isOpen
        let asking: RedisStreamReader.Asking = { [weak self] command, reply in self?.send(command, reply: reply) }
        reader.afterNow(bytes, over: isOpen ? asking : nil, body)
    }
}

extension RedisConnections: RedisConnectionOwner {
    func redisOpened(_ connection: RedisConnection) {
        if connection === reader?.connection { reader?.begin() }
        if connection === commands, !isKnown { becomeKnown() }
        if started.allSatisfy(\.isOpen), cluster?.isOpen ?? true { news.isThere() }
    }

    func redisClosed(_ connection: RedisConnection, because reason: String) {
        news.isAway(connection.url, because: reason)
        guard let reader, connection === reader.connection else { return }
        reader.pause()
        followStream()
    }

    /// Another node of the cluster may have the stream by now.
    private func followStream() {
        guard let reader, reader.connection.isAway, let node = cluster?.owner(of: Array(reader.stream.utf8)),
            node != reader.connection.address
        else { return }
        reader.move(to: node)
        reader.connection.retry()
    }

    func redisMoved(_ connection: RedisConnection) {
        news.isMoving()
    }

    func redisFoundCluster(_ connection: RedisConnection, _ waiting: [(RedisCommand, RedisConnection.Reply?)]) {
        guard connection === commands else { return }
        // There may have been one Redis until now.
        subscriptions.end()
        started.removeAll { $0 === commands || $0 === subscriptions }
        let cluster = RedisCluster(
            over: commands, tls: tls, settings: settings, news: news, delegate: delegate,
            opened: { [weak self] in
                if self?.started.allSatisfy(\.isOpen) == true { self?.news.isThere() }
            }, mapped: { [weak self] in self?.followStream() })
        self.cluster = cluster
        for (command, reply) in waiting { cluster.send(command, reply: reply) }
        becomeKnown()
    }

    func redisPublished(_ message: RedisMessage) {
        delegate.redisPublished(message)
    }

    func redisSubscribed(_ subscription: RedisSubscription, over connection: RedisConnection) {
        delegate.redisSubscribed(subscription)
    }

    func redisUnsubscribed(_ subscription: RedisSubscription, over connection: RedisConnection) {}

    func redisComplained(_ error: RESPError, over connection: RedisConnection) {
        if connection === commands {
            news.lost(error, by: connection.url)
        } else {
            news.refused(error, by: connection.url)
        }
    }

    func redisDropped(_ count: Int) {
        news.dropped(count)
    }
}
