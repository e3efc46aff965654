internal import NetLoop
internal import SocketIOWire

/// The connections to the nodes of a Redis Cluster, on their loop's thread: one to each that commands are for, one to each
/// that tells messages, and the one that it was found over, which asks where the slots are.
final class RedisCluster {
    private let loop: EventLoop
    private let seed: RedisURL
    private let tls: TLSContext?
    private let settings: RedisSession.Settings
    private let news: RedisNews
    private let delegate: any RedisClientDelegate
    /// All connections are open, now or again.
    private let opened: () -> Void
    /// A node has said where the slots are.
    private let mapped: () -> Void

    private let scout: RedisConnection
    private var nodes: [RedisAddress: RedisConnection] = [:]
    private var listeners: [RedisAddress: RedisConnection] = [:]
    private var router: RedisRouter
    private var listening: RedisListening
    private var schedule: RedisMapSchedule
    private var map = RedisSlotMap()
    /// Nodes that are connected to and that the last map did not have: who told it may not have heard of one that has just come.
    private var strangers: Set<RedisAddress> = []
    /// Where the scout goes next when its node is away.
    private var nextScout = 0

    private var replies: [Int: RedisConnection.Reply] = [:]
    private var nextTicket = 0
    private var timer: TimerID?
    private var timerDeadline: ContinuousClock.Instant?
    /// Whether a node could not do something, and the log says so.
    private var isDelayed = false
    private var isEnded = false

    /// - Parameter scout: The connection that the cluster was found over.
    init(
        over scout: RedisConnection, tls: TLSContext?, settings: RedisSession.Settings, news: RedisNews,
        delegate: any RedisClientDelegate, opened: @escaping () -> Void, mapped: @escaping () -> Void
    ) {
        self.scout = scout
        seed = scout.url
        loop = scout.loop
        self.tls = tls
        var settings = settings
        settings.knowsCluster = true
        self.settings = settings
        self.news = news
        self.delegate = delegate
        self.opened = opened
        self.mapped = mapped
        router = RedisRouter(unansweredBytes: settings.unansweredBytes, choice: Int.random(in: 0...Int.max))
        listening = RedisListening(choice: Int.random(in: 0...Int.max))
        schedule = RedisMapSchedule(now: scout.loop.now)
        scout.owner = self
    }

    /// Whether all that is connected to answers.
    var isOpen: Bool {
        scout.isOpen && nodes.values.allSatisfy(\.isOpen) && listeners.values.allSatisfy(\.isOpen)
    }

    func owner(of key: [UInt8]) -> RedisAddress? { router.owner(of: key) }
    func isOpen(for key: [UInt8]) -> Bool { router.isOpen(for: key) }

    func end() {
        isEnded = true
        if let timer { loop.cancel(timer) }
        timer = nil
        let actions = router.end()
        for connection in [scout] + nodes.values + listeners.values { connection.end() }
        (nodes, listeners) = ([:], [:])
        perform(actions)
    }

    // MARK: What is wanted

    func send(_ command: RedisCommand, reply: RedisConnection.Reply?) {
        perform(router.send(command, ticket: reply.map(makeTicket), now: loop.now))
    }

    private func makeTicket(for reply: @escaping RedisConnection.Reply) -> Int {
        defer { nextTicket += 1 }
        replies[nextTicket] = reply
        return nextTicket
    }

    /// Asks each node that is not away.
    func sendToAll(_ command: RedisCommand, reply: @escaping (Result<[RESPValue], RedisError>) -> Void) {
        let asked = map.nodes.map { connection(to: $0) }.filter { !$0.isAway }
        guard !asked.isEmpty else { return reply(.failure(.connectionLost)) }
        let answers = GatheredAnswers(of: asked.count, reply)
        for connection in asked { connection.send(command) { answers.add($0) } }
    }

    /// Calls `reply` once all that was sent before is answered.
    func settle(_ reply: @escaping RedisConnection.Reply) {
        perform(router.settle(makeTicket(for: reply)))
    }

    func subscribe(_ subscriptions: [RedisSubscription]) {
        perform(listening.subscribe(subscriptions))
    }

    func unsubscribe(_ subscriptions: [RedisSubscription]) {
        perform(listening.unsubscribe(subscriptions))
    }

    // MARK: Carrying out

    private func perform(_ actions: [RedisRouter.Action]) {
        for action in actions {
            switch action {
            case .send(let command, let node, let isAsking, let number): send(command, to: node, isAsking, number)
            case .connect(let node): _ = connection(to: node)
            case .survey: schedule.want(now: loop.now)
            case .delay(let error): noteDelay(seed, error)
            case .reply(let ticket, let value): replies.removeValue(forKey: ticket)?(.success(value))
            case .failure(let ticket, let error): replies.removeValue(forKey: ticket)?(.failure(error))
            case .complaint(let error): news.lost(error, by: seed)
            case .dropped(let count): news.dropped(count)
            }
        }
        survey()
    }

    private func perform(_ actions: [RedisListening.Action]) {
        for action in actions {
            switch action {
            case .subscribe(let subscriptions, let node): listener(at: node).subscribe(subscriptions)
            case .unsubscribe(let subscriptions, let node): listeners[node]?.unsubscribe(subscriptions)
            case .forget(let subscriptions, let node): listeners[node]?.forget(subscriptions)
            case .disconnect(let node): listeners.removeValue(forKey: node)?.end()
            case .survey: schedule.want(now: loop.now)
            }
        }
        survey()
    }

    private func send(_ command: RedisCommand, to node: RedisAddress, _ isAsking: Bool, _ number: Int) {
        guard let connection = nodes[node], connection.isOpen else {
            return perform(router.answered(number, .failure(.connectionLost), now: loop.now))
        }
        if isAsking { connection.send(RedisCommand("ASKING")) }
        connection.send(command) { [weak self] result in
            guard let self else { return }
            if case .failure(.refused(let error)) = result, error.code == "MOVED" { news.slotsMoved() }
            perform(router.answered(number, result, now: loop.now))
            if isDelayed, case .success = result { noteSuccess() }
        }
    }

    private func noteDelay(_ node: RedisURL, _ error: RESPError) {
        isDelayed = true
        news.isAway(node, because: error.description)
    }

    /// Something works; with nothing else to be tried again, all does.
    private func noteSuccess() {
        guard router.deadline == nil, listening.deadline == nil else { return }
        isDelayed = false
        if isOpen { opened() }
    }

    private func connection(to node: RedisAddress) -> RedisConnection {
        if let connection = nodes[node] { return connection }
        let connection = makeConnection(.commands, to: node)
        nodes[node] = connection
        connection.start()
        return connection
    }

    private func listener(at node: RedisAddress) -> RedisConnection {
        if let connection = listeners[node] { return connection }
        let connection = makeConnection(.subscriptions, to: node)
        listeners[node] = connection
        connection.start()
        return connection
    }

    private func makeConnection(_ role: RedisSession.Role, to node: RedisAddress) -> RedisConnection {
        let connection = RedisConnection(role, to: seed.node(at: node), tls: tls, settings: settings, on: loop)
        connection.owner = self
        return connection
    }

    // MARK: The map

    /// Asks where the slots are, if that is due.
    private func survey() {
        defer { updateTimer() }
        guard scout.isOpen, schedule.ask(now: loop.now) else { return }
        scout.send(RedisCommand("CLUSTER", "SLOTS")) { [weak self] in self?.learn($0) }
    }

    private func learn(_ result: Result<RESPValue, RedisError>) {
        var learned: RedisSlotMap?
        switch result {
        case .success(let reply):
            learned = RedisSlotMap(reply, from: scout.address)
            if learned == nil {
                let text = "its answer about the cluster is not understood"
                news.refused(RESPError(text: Array(text.utf8)), by: scout.url)
            }
        case .failure(.refused(let error)): news.refused(error, by: scout.url)
        case .failure: break
        }
        schedule.answered(isUseful: learned != nil, now: loop.now)
        guard let learned else { return updateTimer() }
        map = learned
        perform(router.learned(learned, now: loop.now))
        perform(listening.learned(learned, now: loop.now))
        let missing = Set(nodes.keys.filter { !learned.contains($0) })
        let gone = missing.intersection(strangers)
        strangers = missing.subtracting(gone)
        for node in gone {
            nodes.removeValue(forKey: node)?.end()
            perform(router.closed(node, now: loop.now))
        }
        // Another may take the place of a node that is away.
        let isWhole = nodes.values.allSatisfy { !$0.isAway } && listeners.values.allSatisfy { !$0.isAway }
        if !strangers.isEmpty || !isWhole { schedule.want(now: loop.now) }
        updateTimer()
        mapped()
    }

    private func updateTimer() {
        // While the scout is away it is asked when it is there again.
        var deadline = scout.isOpen ? schedule.deadline : nil
        if let other = router.deadline { deadline = min(deadline ?? other, other) }
        if let other = listening.deadline { deadline = min(deadline ?? other, other) }
        guard deadline != timerDeadline, !isEnded else { return }
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        timer = deadline.map { loop.schedule(self, at: $0) }
    }
}

extension RedisCluster: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        timerDeadline = nil
        perform(router.handleTimeout(now: now))
        perform(listening.handleTimeout(now: now))
    }
}

extension RedisCluster: RedisConnectionOwner {
    func redisOpened(_ connection: RedisConnection) {
        if connection === scout {
            schedule.want(now: loop.now)
            survey()
        } else if nodes[connection.address] === connection {
            perform(router.opened(connection.address, now: loop.now))
        }
        if isOpen { opened() }
    }

    func redisClosed(_ connection: RedisConnection, because reason: String) {
        news.isAway(connection.url, because: reason)
        if connection === scout {
            // Any node may tell, the one that is named in the URL included.
            let places = [seed.address].compactMap(\.self) + map.nodes
            nextScout += 1
            if !places.isEmpty { scout.move(to: places[nextScout % places.count]) }
            updateTimer()
        } else if nodes[connection.address] === connection {
            perform(router.closed(connection.address, now: loop.now))
        } else if listeners[connection.address] === connection {
            perform(listening.closed(connection.address))
        }
    }

    func redisMoved(_ connection: RedisConnection) {}

    func redisFoundCluster(_ connection: RedisConnection, _ waiting: [(RedisCommand, RedisConnection.Reply?)]) {}

    func redisPublished(_ message: RedisMessage) {
        delegate.redisPublished(message)
    }

    func redisSubscribed(_ subscription: RedisSubscription, over connection: RedisConnection) {
        listening.subscribed(subscription, at: connection.address)
        if isDelayed { noteSuccess() }
        delegate.redisSubscribed(subscription)
    }

    func redisUnsubscribed(_ subscription: RedisSubscription, over connection: RedisConnection) {
        let actions = listening.unsubscribed(subscription, at: connection.address, now: loop.now)
        if !actions.isEmpty { news.slotsMoved() }
        perform(actions)
    }

    func redisComplained(_ error: RESPError, over connection: RedisConnection) {
        guard listeners[connection.address] === connection,
            let redirection = RedisRedirection(error, from: connection.address)
        else { return news.refused(error, by: connection.url) }
        switch redirection {
        case .moved: news.slotsMoved()
        case .ask, .later: noteDelay(connection.url, error)
        }
        perform(listening.refused(redirection, by: connection.address, now: loop.now))
    }

    func redisDropped(_ count: Int) {
        news.dropped(count)
    }
}
