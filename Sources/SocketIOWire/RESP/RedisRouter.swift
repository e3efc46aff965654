/// Gives each command to the node of a Redis Cluster that its key belongs to, and follows the nodes where they send it.
///
/// Pure, as `RedisSession` is: the caller has a connection to each node. What is for one slot, and what is for any node, is
/// carried out in the order given, also where the slot moves meanwhile: what comes behind a command that was sent elsewhere
/// waits until all that was sent before it is answered. (A node that refuses one command, and takes the next that was under
/// way with it, breaks the order.) What may have been done is never sent twice.
package struct RedisRouter {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Equatable {
        /// Over the open connection to a node, behind `ASKING` if so; report what becomes of it with this number.
        case send(RedisCommand, to: RedisAddress, isAsking: Bool, number: Int)
        /// There is to be a connection to a node; report with `opened` and `closed`.
        case connect(RedisAddress)
        /// What is known of the slots is old; report with `learned`.
        case survey
        /// A node cannot do it at the moment: it is tried again.
        case delay(RESPError)
        /// Of the command that was given with this ticket.
        case reply(ticket: Int, RESPValue)
        case failure(ticket: Int, RedisError)
        /// What nobody waits for failed.
        case complaint(RESPError)
        /// So many commands that nobody waits for are lost.
        case dropped(Int)
    }

    /// A command on its way.
    private struct Errand {
        let command: RedisCommand
        let ticket: Int?
        /// Nil for any node.
        var slot: RedisSlot?
        /// Where it is sent instead of the slot's own node.
        var exception: RedisAddress?
        /// How often a node has sent it elsewhere.
        var redirections = 0
        /// Among the marks.
        let place: Int
        var cost: Int { command.bytes.count + RedisSession.commandBytes }
    }

    /// What is for one slot, or for any node.
    private struct Line {
        /// Of those that were sent and not answered: all, and those that went to an exception.
        var sent = 0
        var excepted = 0
        /// Where those are.
        var node: RedisAddress?
        /// Sent elsewhere by a node, in front of what waits.
        var redirected: [Errand] = []
        var waiting: [Errand] = []

        /// Whether a node may get something now: what was sent before has to be answered, or to be at the same node.
        func isClear(for node: RedisAddress) -> Bool {
            redirected.isEmpty && (sent == 0 || excepted == 0 && self.node == node)
        }

        /// A node is away: what was sent there by another goes where the map says.
        mutating func forget(_ node: RedisAddress) {
            for index in redirected.indices where redirected[index].exception == node {
                redirected[index].exception = nil
            }
        }
    }

    /// A command that is sent elsewhere more often fails: the nodes contradict each other.
    package static let maxRedirections = 16
    /// With more of them each waits: news takes its time from node to node.
    static let quickRedirections = 3
    /// How long what cannot be done waits.
    static let patience = Duration.milliseconds(250)

    private let unansweredLimit: Int
    private var unansweredBytes = 0
    private var map = RedisSlotMap()
    private var open: Set<RedisAddress> = []
    /// The node for what any may do: one, so that it stays in order.
    private var home: RedisAddress?
    /// Decides which.
    private let choice: Int
    private var lines: [RedisSlot?: Line] = [:]
    private var sent: [Int: (errand: Errand, node: RedisAddress)] = [:]
    private var nextNumber = 0
    private var marks = RedisMarks()
    /// Those that are not tried before `pauseEnd`.
    private var paused: Set<RedisSlot?> = []
    private var pauseEnd: Instant?
    private var isEnded = false

    /// - Parameters:
    ///   - unansweredBytes: As in `RedisSession.Settings`, of all nodes.
    ///   - choice: Any number: which node gets what any may do.
    package init(unansweredBytes: Int, choice: Int) {
        (unansweredLimit, self.choice) = (unansweredBytes, choice)
    }

    /// When to call `handleTimeout`.
    package var deadline: Instant? { pauseEnd }

    /// Who serves the slot of a key, as far as is known.
    package func owner(of key: [UInt8]) -> RedisAddress? { map[RedisSlot(of: key)] }

    /// Whether what is sent for a key goes to its node at once.
    package func isOpen(for key: [UInt8]) -> Bool { owner(of: key).map(open.contains) ?? false }

    // MARK: Commands

    /// Sends a command, or keeps it until its node is there.
    ///
    /// - Parameter ticket: What the reply is reported with; nil if nobody waits for it.
    package mutating func send(_ command: RedisCommand, ticket: Int? = nil, now: Instant) -> [Action] {
        if isEnded { return [failure(ticket, .ended)] }
        let cost = command.bytes.count + RedisSession.commandBytes
        guard cost <= unansweredLimit - unansweredBytes else { return [failure(ticket, .overloaded)] }
        unansweredBytes += cost
        let errand = Errand(
            command: command, ticket: ticket, slot: command.key.map(RedisSlot.init(of:)), place: marks.addCommand())
        let line = lines[errand.slot, default: Line()]
        if line.waiting.isEmpty, let node = node(for: errand.slot), line.isClear(for: node), open.contains(node) {
            return [dispatch(errand, to: node)]
        }
        lines[errand.slot, default: Line()].waiting.append(errand)
        return advance(errand.slot, now)
    }

    /// Asks for a reply, of no value, once all that was sent before has one, or none is to come.
    package mutating func settle(_ ticket: Int) -> [Action] {
        if isEnded { return [.failure(ticket: ticket, .ended)] }
        guard RedisSession.commandBytes <= unansweredLimit - unansweredBytes else {
            return [.failure(ticket: ticket, .overloaded)]
        }
        unansweredBytes += RedisSession.commandBytes
        return reach(marks.set(ticket))
    }

    private mutating func reach(_ tickets: [Int]) -> [Action] {
        unansweredBytes -= tickets.count * RedisSession.commandBytes
        return tickets.map { .reply(ticket: $0, .null) }
    }

    /// What became of a command that was to be sent.
    package mutating func answered(
        _ number: Int, _ result: Result<RESPValue, RedisError>, now: Instant
    ) -> [Action] {
        guard let (given, node) = sent.removeValue(forKey: number) else { return [] }
        let slot = given.slot
        var errand = given
        lines[slot]?.sent -= 1
        if errand.exception != nil { lines[slot]?.excepted -= 1 }
        guard case .failure(.refused(let error)) = result, let redirection = RedisRedirection(error, from: node),
            errand.redirections < Self.maxRedirections
        else { return finish(errand, result) + advance(slot, now) }
        errand.exception = nil
        var actions: [Action] = []
        switch redirection {
        case .moved(let moved, let address):
            map.move(moved, to: address)
            errand.redirections += 1
            // What has a key although nobody said so.
            errand.slot = moved
            actions.append(.survey)
        case .ask(let address):
            errand.redirections += 1
            errand.exception = address
        // Not counted: while Redis is away it is kept, too.
        case .later: actions += [.delay(error), .survey]
        }
        if redirection == .later || errand.redirections > Self.quickRedirections { pause(errand.slot, now) }
        lines[errand.slot, default: Line()].redirected.append(errand)
        if errand.slot != slot { actions += advance(slot, now) }
        return actions + advance(errand.slot, now)
    }

    private mutating func finish(_ errand: Errand, _ result: Result<RESPValue, RedisError>) -> [Action] {
        unansweredBytes -= errand.cost
        let reached = reach(marks.removeCommand(at: errand.place))
        switch (result, errand.ticket) {
        case (.success(let value), let ticket?): return [.reply(ticket: ticket, value)] + reached
        case (.success, nil): return reached
        case (.failure(.refused(let error)), nil): return [.complaint(error)] + reached
        case (.failure(let error), let ticket): return [failure(ticket, error)] + reached
        }
    }

    private func failure(_ ticket: Int?, _ error: RedisError) -> Action {
        ticket.map { .failure(ticket: $0, error) } ?? .dropped(1)
    }

    // MARK: Lines

    private mutating func node(for slot: RedisSlot?) -> RedisAddress? {
        if let slot { return map[slot] }
        if home == nil { home = map.anyNode(choice, preferring: open.contains) }
        return home
    }

    private mutating func dispatch(_ errand: Errand, to node: RedisAddress) -> Action {
        let number = nextNumber
        nextNumber += 1
        sent[number] = (errand, node)
        lines[errand.slot, default: Line()].sent += 1
        lines[errand.slot]?.node = node
        if errand.exception != nil { lines[errand.slot]?.excepted += 1 }
        return .send(errand.command, to: node, isAsking: errand.exception != nil, number: number)
    }

    /// Sends what may be sent.
    private mutating func advance(_ slot: RedisSlot?, _ now: Instant) -> [Action] {
        guard let line = lines[slot] else { return [] }
        if line.sent == 0, line.redirected.isEmpty, line.waiting.isEmpty {
            lines[slot] = nil
            return []
        }
        guard !paused.contains(slot) else { return [] }
        if !line.redirected.isEmpty {
            guard line.sent == 0 else { return [] }
            return sendRedirected(slot, line.redirected)
        }
        guard !line.waiting.isEmpty else { return [] }
        guard let node = node(for: slot) else { return [.survey] }
        guard line.isClear(for: node) else { return [] }
        guard open.contains(node) else { return [.connect(node)] }
        lines[slot]?.waiting = []
        return line.waiting.map { dispatch($0, to: node) }
    }

    /// All that was sent before is answered: what was sent elsewhere goes there, with the same exception or none at once.
    private mutating func sendRedirected(_ slot: RedisSlot?, _ errands: [Errand]) -> [Action] {
        let exception = errands[0].exception
        let batch = errands.prefix { $0.exception == exception }
        guard let node = exception ?? node(for: slot) else { return [.survey] }
        guard open.contains(node) else { return [.connect(node)] }
        lines[slot]?.redirected.removeFirst(batch.count)
        return batch.map { dispatch($0, to: node) }
    }

    private mutating func pause(_ slot: RedisSlot?, _ now: Instant) {
        paused.insert(slot)
        if pauseEnd == nil { pauseEnd = now.advanced(by: Self.patience) }
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        guard let end = pauseEnd, now >= end else { return [] }
        let slots = paused
        (paused, pauseEnd) = ([], nil)
        return slots.flatMap { advance($0, now) }
    }

    // MARK: Nodes

    /// A node answers, now or again.
    package mutating func opened(_ node: RedisAddress, now: Instant) -> [Action] {
        open.insert(node)
        return Array(lines.keys).flatMap { advance($0, now) }
    }

    /// A node is away: what it has not answered is reported each for itself.
    package mutating func closed(_ node: RedisAddress, now: Instant) -> [Action] {
        open.remove(node)
        var actions: [Action] = [.survey]
        if node == home {
            home = map.anyNode(choice, preferring: open.contains)
            actions += advance(nil, now)
        }
        // Whoever sent them there may know better by now. It ends, since each further time counts.
        for slot in Array(lines.keys) where lines[slot]?.redirected.contains(where: { $0.exception == node }) == true {
            lines[slot]?.forget(node)
            actions += advance(slot, now)
        }
        return actions
    }

    /// What a node says of the slots.
    package mutating func learned(_ map: RedisSlotMap, now: Instant) -> [Action] {
        self.map = map
        if let node = home, !map.contains(node) { home = nil }
        return Array(lines.keys).flatMap { advance($0, now) }
    }

    /// Ends all: what was not answered fails.
    package mutating func end() -> [Action] {
        isEnded = true
        let numbers = sent.keys.sorted()
        let unanswered =
            numbers.compactMap { sent[$0]?.errand }
            + lines.values.flatMap { $0.redirected + $0.waiting }
        (sent, lines, paused, pauseEnd, unansweredBytes) = ([:], [:], [], nil, 0)
        let waiting = marks.removeAll()
        return unanswered.map { failure($0.ticket, .ended) } + waiting.map { .failure(ticket: $0, .ended) }
    }
}
