internal import NetLoop
internal import SocketIOWire

/// What a connection to Redis tells; on its loop's thread.
protocol RedisConnectionOwner: AnyObject {
    /// Redis answers, now or again.
    func redisOpened(_ connection: RedisConnection)
    /// Redis is gone, or did not come: the connection tries again by itself.
    func redisClosed(_ connection: RedisConnection, because reason: String)
    /// The connection is closed, and made anew to another node.
    func redisMoved(_ connection: RedisConnection)
    /// Redis is a cluster, which nobody knew: these commands may be for another node of it.
    func redisFoundCluster(_ connection: RedisConnection, _ waiting: [(RedisCommand, RedisConnection.Reply?)])
    func redisPublished(_ message: RedisMessage)
    /// A subscription is in force, now or again.
    func redisSubscribed(_ subscription: RedisSubscription, over connection: RedisConnection)
    func redisUnsubscribed(_ subscription: RedisSubscription, over connection: RedisConnection)
    /// What nobody waits for failed.
    func redisComplained(_ error: RESPError, over connection: RedisConnection)
    /// So many commands that nobody waits for are lost.
    func redisDropped(_ count: Int)
}

/// Carries out what a `RedisSession` decides: one connection, on one loop's thread.
final class RedisConnection {
    typealias Reply = (Result<RESPValue, RedisError>) -> Void

    let loop: EventLoop
    /// More than all commands that may wait: Redis does not read, then.
    let outputLimit: Int
    private(set) var url: RedisURL
    /// For `rediss`.
    private let tls: TLSContext?
    weak var owner: (any RedisConnectionOwner)?

    private var session: RedisSession
    private var connector: (any PendingConnection)?
    private var connection: TCPConnection?
    private var replies: [Int: Reply] = [:]
    private var nextTicket = 0
    private var timer: TimerID?
    private var timerDeadline: ContinuousClock.Instant?
    private var random = SystemRandomNumberGenerator()

    /// - Parameter tls: Needed if the URL is secure.
    init(
        _ role: RedisSession.Role, to url: RedisURL, tls: TLSContext?, settings: RedisSession.Settings,
        on loop: EventLoop
    ) {
        self.loop = loop
        self.url = url
        self.tls = tls
        outputLimit = 2 * settings.unansweredBytes
        session = RedisSession(role, settings)
    }

    var isOpen: Bool { session.isOpen }
    /// Whether Redis was lost, or did not come.
    var isAway: Bool { session.isAway }
    /// Of a node of a cluster.
    var address: RedisAddress { url.address ?? RedisAddress(host: "localhost", port: 0) }
    var subscriptions: Set<RedisSubscription> { session.subscriptions }

    func start() {
        perform(session.start())
    }

    /// Ends for good; who waits for a reply is told, nobody else is.
    func end() {
        owner = nil
        let actions = session.end()
        connector?.cancel()
        connector = nil
        connection?.close()
        connection = nil
        perform(actions)
    }

    /// Goes to another node of the same cluster. What was not answered fails.
    func move(to address: RedisAddress) {
        url = url.node(at: address)
        // It is tried again there.
        guard connector != nil || connection != nil else { return }
        connector?.cancel()
        connector = nil
        disconnect { owner?.redisMoved(self) }
    }

    /// Tries again at once, if it waits for that.
    func retry() {
        perform(session.retry())
    }

    /// - Parameter reply: Nil if nobody waits for it; called once, never from within.
    func send(_ command: RedisCommand, reply: Reply? = nil) {
        guard let reply else { return perform(session.send(command)) }
        let ticket = nextTicket
        nextTicket += 1
        replies[ticket] = reply
        perform(session.send(command, ticket: ticket))
    }

    func subscribe(_ subscriptions: [RedisSubscription]) {
        perform(session.subscribe(subscriptions))
    }

    func unsubscribe(_ subscriptions: [RedisSubscription]) {
        perform(session.unsubscribe(subscriptions))
    }

    /// What the cluster has moved to another node.
    func forget(_ subscriptions: [RedisSubscription]) {
        session.forget(subscriptions)
    }

    // MARK: Carrying out

    private func perform(_ actions: [RedisSession.Action]) {
        for action in actions {
            switch action {
            case .connect: connect()
            case .send(let bytes): write(bytes)
            case .disconnect(let failure): lose(because: Self.text(failure))
            case .opened: owner?.redisOpened(self)
            case .foundCluster(let waiting): handOver(waiting)
            case .reply(let ticket, .error(let error)): answer(ticket, .failure(.refused(error)))
            case .reply(let ticket, let value): answer(ticket, .success(value))
            case .failure(let ticket, let error): answer(ticket, .failure(error))
            case .message(let message): owner?.redisPublished(message)
            case .subscribed(let subscription): owner?.redisSubscribed(subscription, over: self)
            case .unsubscribed(let subscription): owner?.redisUnsubscribed(subscription, over: self)
            case .complaint(let error): owner?.redisComplained(error, over: self)
            case .dropped(let count): owner?.redisDropped(count)
            }
        }
        updateTimer()
    }

    private func answer(_ ticket: Int, _ result: Result<RESPValue, RedisError>) {
        replies.removeValue(forKey: ticket)?(result)
    }

    private func handOver(_ waiting: [RedisSession.Waiting]) {
        owner?.redisFoundCluster(
            self, waiting.map { ($0.command, $0.ticket.flatMap { replies.removeValue(forKey: $0) }) })
    }

    private func connect() {
        let completion: Connector.Completion = { [weak self] result in
            guard let self else { return }
            connector = nil
            switch result {
            case .success(let connection):
                self.connection = connection
                connection.handler = self
                perform(session.connected(now: loop.now))
            case .failure(let error): lose(because: "\(error)")
            }
        }
        connector =
            if let path = url.path {
                LocalConnector(to: path, on: loop, completion: completion)
            } else {
                Connector(to: url.host, port: url.port, on: loop, tls: tls, completion: completion)
            }
    }

    /// Sends with the end of the turn: what a turn publishes goes in one call.
    private func write(_ bytes: [UInt8]) {
        guard let connection else { return }
        let start = loop.beginOutput()
        loop.output.append(bytes)
        connection.enqueue(start..<loop.output.count)
    }

    private func lose(because reason: String) {
        disconnect { owner?.redisClosed(self, because: reason) }
    }

    /// - Parameter tell: Called in front of who waits for a reply.
    private func disconnect(_ tell: () -> Void) {
        connection?.close()
        connection = nil
        let actions = session.connectionLost(now: loop.now, random: Double.random(in: 0..<1, using: &random))
        tell()
        perform(actions)
    }

    private static func text(_ failure: RedisSession.Failure) -> String {
        switch failure {
        case .refused(let error) where error.isPassing: "Redis is not ready: \(error.description)"
        case .refused(let error):
            "Redis refuses the connection: \(error.description). Check user, password and database."
        case .violation(let violation): "what answers is no Redis: \(violation.detail)"
        case .silent: "Redis does not answer"
        }
    }

    private func updateTimer() {
        let deadline = session.deadline
        // A deadline that moved on is looked at when the timer fires: it moves with each message.
        if let deadline, let timerDeadline, timerDeadline <= deadline { return }
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        timer = deadline.map { loop.schedule(self, at: $0) }
    }
}

extension RedisConnection: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        timerDeadline = nil
        perform(session.handleTimeout(now: now))
    }
}

extension RedisConnection: ConnectionHandler {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        perform(session.receive(bytes.span, now: loop.now))
    }

    func peerFinished(_ connection: TCPConnection) {
        lose(because: "Redis closed the connection")
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        let text =
            switch reason {
            case .closedByPeer: "Redis closed the connection"
            case .failed(let error): "\(error)"
            case .insecure(let error): "\(error)"
            case .outputLimit: "Redis does not read"
            }
        lose(because: text)
    }
}
