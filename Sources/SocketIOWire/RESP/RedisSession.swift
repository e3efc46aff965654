/// One connection to Redis that is always wanted: it greets, is used, and comes back after it was lost.
///
/// Pure: the caller connects, sends, keeps the socket and says what time it is. Each input returns what is to be done
/// now, in order; `deadline` is when `handleTimeout` has something to do next. A session is either for commands, whose
/// replies come in the order sent, or for subscriptions, which are asked for again after each loss.
package struct RedisSession {
    package typealias Instant = ContinuousClock.Instant

    package enum Role: Equatable, Sendable {
        case commands
        case subscriptions
    }

    package enum Action: Equatable {
        /// Connect; report with `connected` or `connectionLost`.
        case connect
        case send([UInt8])
        /// Close the connection, and report it with `connectionLost`.
        case disconnect(Failure)
        /// It is a node of a cluster, which nobody knew: what waited is not sent, because it may be for another node.
        case foundCluster([Waiting])
        /// Redis answers, and everything that waited was sent.
        case opened
        /// Of the command that was given with this ticket.
        case reply(ticket: Int, RESPValue)
        /// There will be no reply.
        case failure(ticket: Int, RedisError)
        case message(RedisMessage)
        case subscribed(RedisSubscription)
        case unsubscribed(RedisSubscription)
        /// What nobody waits for failed: a `PUBLISH` or a `SUBSCRIBE`.
        case complaint(RESPError)
        /// So many commands that nobody waits for are lost.
        case dropped(Int)
    }

    /// Why a connection is given up.
    package enum Failure: Equatable, Sendable {
        case refused(RESPError)
        case violation(ProtocolViolation)
        case silent
    }

    /// What a command takes beside its bytes.
    package static let commandBytes = 64

    private enum State {
        /// Not started.
        case idle
        case connecting
        case greeting(RedisGreeting, until: Instant)
        /// Redis answers; last heard of then.
        case open(heard: Instant)
        /// It is asked whether it is still there.
        case pinged(until: Instant)
        /// The connection is given up; its loss is to be reported.
        case closing
        case waiting(until: Instant)
        case ended
    }

    /// A command that was not sent yet.
    package struct Waiting: Equatable {
        package let command: RedisCommand
        package let ticket: Int?
        var cost: Int { command.bytes.count + RedisSession.commandBytes }
    }

    /// A command that was sent.
    private struct Question {
        let ticket: Int?
        let cost: Int
        /// One of our own, which nobody misses.
        let isPing: Bool
    }

    package let role: Role
    private var settings: Settings
    private var state = State.idle
    private var reader: RESPReader
    private var isVersion3 = true
    private var backoff: ReconnectionBackoff
    private var waiting: [Waiting] = []
    private var questions: [Question] = []
    /// Questions in front of this one are answered: removing each from the array's front would take quadratic time.
    private var firstQuestion = 0
    private var unansweredBytes = 0
    /// What is asked for, now and after each loss.
    package private(set) var subscriptions: Set<RedisSubscription> = []

    package init(_ role: Role, _ settings: Settings) {
        self.role = role
        self.settings = settings
        reader = RESPReader(limits: settings.replies)
        backoff = settings.backoff
    }

    package var isOpen: Bool {
        switch state {
        case .open, .pinged: true
        case .idle, .connecting, .greeting, .closing, .waiting, .ended: false
        }
    }

    /// Whether Redis was lost, or did not come, and is not back.
    package var isAway: Bool { !isOpen && backoff.attempts > 0 }

    /// When to call `handleTimeout`; nil if there is nothing to wait for.
    package var deadline: Instant? {
        switch state {
        case .idle, .connecting, .closing, .ended: nil
        case .greeting(_, let until), .pinged(let until), .waiting(let until): until
        case .open(let heard): heard.advanced(by: settings.pingInterval)
        }
    }

    // MARK: The connection

    package mutating func start() -> [Action] {
        switch state {
        case .idle:
            state = .connecting
            return [.connect]
        case .connecting, .greeting, .open, .pinged, .closing, .waiting, .ended: return []
        }
    }

    package mutating func connected(now: Instant) -> [Action] {
        switch state {
        case .connecting:
            let greeting = RedisGreeting(settings.login)
            reader = RESPReader(limits: settings.replies)
            state = .greeting(greeting, until: now.advanced(by: settings.greetingTime))
            return [.send(greeting.first.bytes)]
        case .ended: return [.disconnect(.silent)]
        case .idle, .greeting, .open, .pinged, .closing, .waiting: return []
        }
    }

    /// The connection is gone, or did not come about.
    ///
    /// - Parameter random: From 0 up to, and without, 1: how long until the next attempt.
    package mutating func connectionLost(now: Instant, random: Double) -> [Action] {
        switch state {
        case .connecting, .greeting, .open, .pinged, .closing:
            state = .waiting(until: now.advanced(by: backoff.next(random: random)))
            // What was sent may have been done: to send it again could do it twice.
            return forgetQuestions(.connectionLost)
        case .idle, .waiting, .ended: return []
        }
    }

    /// There is reason to think that Redis is there by now, or another one is: it is not waited for any longer.
    package mutating func retry() -> [Action] {
        switch state {
        case .waiting:
            state = .connecting
            return [.connect]
        case .idle, .connecting, .greeting, .open, .pinged, .closing, .ended: return []
        }
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        switch state {
        case .greeting, .pinged: return giveUp(.silent)
        case .open:
            state = .pinged(until: now.advanced(by: settings.pingTimeout))
            let ping = RedisCommand("PING").bytes
            if role == .commands { questions.append(Question(ticket: nil, cost: 0, isPing: true)) }
            return [.send(ping)]
        case .waiting:
            state = .connecting
            return [.connect]
        case .idle, .connecting, .closing, .ended: return []
        }
    }

    /// Ends the session; what was not answered fails.
    package mutating func end() -> [Action] {
        state = .ended
        let unsent = waiting
        waiting = []
        return forgetQuestions(.ended) + failures(of: unsent.map(\.ticket), .ended)
    }

    private mutating func giveUp(_ failure: Failure) -> [Action] {
        state = .closing
        return [.disconnect(failure)]
    }

    private mutating func forgetQuestions(_ error: RedisError) -> [Action] {
        let lost = questions[firstQuestion...].filter { !$0.isPing }
        questions = []
        firstQuestion = 0
        unansweredBytes -= lost.reduce(0) { $0 + $1.cost }
        return failures(of: lost.map(\.ticket), error)
    }

    private func failures(of tickets: [Int?], _ error: RedisError) -> [Action] {
        let asked = tickets.compactMap { $0 }
        let dropped = tickets.count - asked.count
        return asked.map { .failure(ticket: $0, error) } + (dropped > 0 ? [.dropped(dropped)] : [])
    }

    // MARK: Commands

    /// Sends a command, or keeps it until Redis is there.
    ///
    /// - Parameter ticket: What the reply is reported with; nil if nobody waits for it.
    package mutating func send(_ command: RedisCommand, ticket: Int? = nil) -> [Action] {
        precondition(role == .commands, "a connection with subscriptions takes no commands")
        let waiting = Waiting(command: command, ticket: ticket)
        if case .ended = state { return failures(of: [ticket], .ended) }
        guard waiting.cost <= settings.unansweredBytes - unansweredBytes else {
            return failures(of: [ticket], .overloaded)
        }
        unansweredBytes += waiting.cost
        guard isOpen else {
            self.waiting.append(waiting)
            return []
        }
        questions.append(Question(ticket: ticket, cost: waiting.cost, isPing: false))
        return [.send(command.bytes)]
    }

    /// Asks for messages, now and after each loss.
    package mutating func subscribe(_ wanted: [RedisSubscription]) -> [Action] {
        precondition(role == .subscriptions, "a connection for commands has no subscriptions")
        let new = wanted.filter { subscriptions.insert($0).inserted }
        guard isOpen else { return [] }
        return RedisSubscription.commands(.subscribe, new).map { .send($0.bytes) }
    }

    /// What a cluster has moved to another node is not asked for any more.
    package mutating func forget(_ moved: [RedisSubscription]) {
        subscriptions.subtract(moved)
    }

    package mutating func unsubscribe(_ unwanted: [RedisSubscription]) -> [Action] {
        let old = unwanted.filter { subscriptions.remove($0) != nil }
        guard isOpen else { return [] }
        return RedisSubscription.commands(.unsubscribe, old).map { .send($0.bytes) }
    }

    // MARK: Replies

    package mutating func receive(_ bytes: Span<UInt8>, now: Instant) -> [Action] {
        switch state {
        case .open, .pinged: state = .open(heard: now)
        case .greeting: break
        case .idle, .connecting, .closing, .waiting, .ended: return []
        }
        var actions: [Action] = []
        var index = 0
        do throws(ProtocolViolation) {
            while let value = try reader.next(in: bytes, from: &index) {
                try receive(value, now: now, &actions)
                // What stands behind a refusal is void.
                if case .closing = state { break }
            }
        } catch {
            actions += giveUp(.violation(error))
        }
        return actions
    }

    private mutating func receive(
        _ value: RESPValue, now: Instant, _ actions: inout [Action]
    ) throws(ProtocolViolation) {
        if case .push(let elements) = value { return handlePush(elements, &actions) }
        switch state {
        case .greeting(var greeting, let until):
            switch greeting.receive(value) {
            case .ask(let command):
                state = .greeting(greeting, until: until)
                actions.append(.send(command.bytes))
            case .done: open(greeting, now: now, &actions)
            case .refused(let error): actions += giveUp(.refused(error))
            }
        case .open, .pinged:
            switch role {
            case .commands: try handleReply(value, &actions)
            case .subscriptions: handleUnasked(value, &actions)
            }
        case .idle, .connecting, .closing, .waiting, .ended: break
        }
    }

    private mutating func open(_ greeting: RedisGreeting, now: Instant, _ actions: inout [Action]) {
        isVersion3 = greeting.isVersion3
        state = .open(heard: now)
        backoff.reset()
        actions += RedisSubscription.commands(.subscribe, subscriptions).map { .send($0.bytes) }
        if greeting.isCluster, !settings.knowsCluster, role == .commands {
            settings.knowsCluster = true
            unansweredBytes = 0
            actions.append(.foundCluster(waiting))
            waiting = []
        }
        if !waiting.isEmpty {
            questions += waiting.map { Question(ticket: $0.ticket, cost: $0.cost, isPing: false) }
            actions.append(.send(waiting.flatMap(\.command.bytes)))
            waiting = []
        }
        actions.append(.opened)
    }

    private mutating func handleReply(_ value: RESPValue, _ actions: inout [Action]) throws(ProtocolViolation) {
        guard firstQuestion < questions.count else {
            throw ProtocolViolation(.unexpected, "a reply from Redis to no command")
        }
        let question = questions[firstQuestion]
        firstQuestion += 1
        if firstQuestion == questions.count {
            questions.removeAll(keepingCapacity: firstQuestion < 1_024)
            firstQuestion = 0
        } else if firstQuestion >= 1_024, firstQuestion * 2 > questions.count {
            questions.removeFirst(firstQuestion)
            firstQuestion = 0
        }
        unansweredBytes -= question.cost
        if let ticket = question.ticket {
            actions.append(.reply(ticket: ticket, value))
        } else if case .error(let error) = value {
            actions.append(.complaint(error))
        }
    }

    /// On a connection with subscriptions nothing is asked but to subscribe and whether Redis is there.
    private mutating func handleUnasked(_ value: RESPValue, _ actions: inout [Action]) {
        switch value {
        case .error(let error): actions.append(.complaint(error))
        // Before version 3 there are no pushes.
        case .array(let elements) where !isVersion3: handlePush(elements, &actions)
        case .null, .string, .integer, .double, .bool, .bigNumber, .array, .map, .push: break
        }
    }

    private mutating func handlePush(_ elements: [RESPValue], _ actions: inout [Action]) {
        switch RedisPush(elements) {
        case .message(let message)?: actions.append(.message(message))
        case .subscribed(let subscription)?: actions.append(.subscribed(subscription))
        case .unsubscribed(let subscription)?: actions.append(.unsubscribed(subscription))
        case nil: break
        }
    }
}
