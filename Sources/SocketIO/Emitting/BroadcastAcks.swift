internal import NetLoop
internal import SocketIOEvents

/// The acknowledgements of one broadcast: the loops tell whom they sent it to, and these sockets answer.
struct BroadcastAcks: Sendable {
    /// How each socket that the event was for settled, as far as the loops told.
    struct Results {
        var sockets: [SocketID: Result<AckReply, AckError>] = [:]
        /// Whether every loop told in time which sockets it has.
        var isComplete = true

        /// Those of other sockets.
        mutating func add(_ others: Results) {
            sockets.merge(others.sockets) { first, _ in first }
            isComplete = isComplete && others.isComplete
        }
    }

    private enum Part: Sendable {
        /// A loop has sent the event to these sockets, which are all on it.
        case sent([Expected])
        /// A loop that takes no more has not been asked.
        case refused
        /// A socket answered, or will not.
        case settled(SocketID, Result<AckReply, AckError>)
    }

    /// A socket that the event was sent to, on its loop.
    struct Expected: Sendable {
        let id: SocketID
        let socket: LoopBound<Socket>
    }

    /// Who wants them.
    private enum Recipient: Sendable {
        /// A task of this process.
        case task(Gathering<Part>)
        /// Another node.
        case node(NodeAcks)
    }

    /// Of the packet.
    let id: UInt64
    /// How long each socket has; nil where the recipient measures the time.
    let timeout: Duration?
    private let recipient: Recipient
    private let loops: [EventLoop]

    /// For a task of this process.
    ///
    /// - Parameter loops: Those that will say whom they sent the event to.
    init(id: UInt64, loops: [EventLoop]) {
        self.id = id
        self.loops = loops
        timeout = nil
        recipient = .task(Gathering(sources: loops.count))
    }

    /// For another node.
    init(id: UInt64, loops: [EventLoop], for node: NodeAcks, timeout: Duration) {
        self.id = id
        self.loops = loops
        self.timeout = timeout
        recipient = .node(node)
    }

    /// A loop is about to send the event to these sockets.
    ///
    /// - Returns: False if nobody waits for their answers any more.
    func sent(to sockets: [Expected]) -> Bool {
        switch recipient {
        case .task(let gathering):
            return gathering.give(.sent(sockets), opening: sockets.count)
        case .node(let node):
            node.asked(sockets.map(\.id))
            return true
        }
    }

    /// A loop takes no more.
    func refuse() {
        switch recipient {
        case .task(let gathering): gathering.give(.refused)
        case .node(let node): node.refused()
        }
    }

    func settle(_ id: SocketID, _ result: Result<AckReply, AckError>) {
        switch recipient {
        case .task(let gathering): gathering.give(.settled(id, result))
        case .node(let node): node.settle(id, result)
        }
    }

    /// What the sockets answered by the time; those that did not are told apart by their failures.
    func results(within timeout: Duration) async -> Results {
        guard case .task(let gathering) = recipient else { preconditionFailure("another node waits for them") }
        let outcome = await gathering.outcome(within: timeout, on: loops)
        var results = Results()
        var tellingLoops = 0
        for part in outcome.parts {
            switch part {
            case .settled(let id, let result): results.sockets[id] = result
            case .sent: tellingLoops += 1
            case .refused: break
            }
        }
        results.isComplete = tellingLoops == loops.count
        guard !outcome.isComplete else { return results }
        for case .sent(let sockets) in outcome.parts {
            let waiting = sockets.filter { results.sockets[$0.id] == nil }
            for expected in waiting { results.sockets[expected.id] = .failure(AckError(.timedOut)) }
            if let loop = waiting.first?.socket.loop { loop.post(CancelAcks(sockets: waiting, id: id)) }
        }
        return results
    }
}

/// Ends one loop's waiting for acknowledgements that nobody wants any more.
private struct CancelAcks: LoopMessage {
    let sockets: [BroadcastAcks.Expected]
    let id: UInt64

    func deliver(on loop: EventLoop) {
        for expected in sockets { expected.socket.value.core.cancelAck(id, AckError(.timedOut)) }
    }
}
