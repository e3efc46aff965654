internal import EngineIO
internal import NetLoop
internal import SocketIOWire

/// What one loop knows of the server: its part of every namespace. Lives on that loop.
final class ServerShard {
    let engine: EngineShard
    let context: ServerContext
    let limits: SocketIOServer.Limits
    let packetLimits: PacketLimits
    let handlersInFlightLimit: UInt16
    /// Asynchronous handlers of the loop that have not ended.
    private var handlersInFlight = 0
    /// Sockets that wait for others' handlers to end, in order.
    private var waiting = WaitingLine()
    private let handlersLimit: Int
    /// Whether some of them are going on, or will in the next turn.
    private var isLettingOthersGoOn = false
    /// Sockets that go on in one turn, each with some events.
    private static let turnSockets = 16
    /// What waits in the inboxes of all sockets of the loop.
    var inboxBytes = 0
    /// What the newest events hold that wait for all sockets of the loop.
    var latestBytes = 0
    /// Acknowledgements that sockets of the loop are asked for.
    var pendingAcks = 0
    /// What happened to sockets of the loop since the server began to listen.
    var tally = ServerTally()
    /// How late the loop is.
    private(set) lazy var lag = LoopLag(of: loop)
    /// What is kept for clients that come back; nil if that is off.
    let recovery: RecoveryShard?
    /// Whether packets travel as MessagePack.
    let isMessagePack: Bool
    /// Whether what handlers emit may be written where it is sent from: nobody keeps it or writes it in another form.
    let writesInPlace: Bool
    let connectTimeout: Duration
    let logger: any ServerLogger
    /// Of all loops.
    let log: ServerLog
    /// Who tells administrators what happens; nil if there are none.
    var administration: Administration?
    /// For the values of all events of this loop.
    let memory = JSONMemory()
    /// Made with the first socket.
    private var namespaces = KeyedTable<NamespaceShard>()
    /// The one that was asked for last: most servers use one more than all others.
    private var latest: NamespaceShard?

    init(
        engine: EngineShard, context: ServerContext, configuration: SocketIOServer.Configuration, log: ServerLog,
        administration: Administration?
    ) {
        self.log = log
        self.administration = administration
        self.engine = engine
        self.context = context
        limits = configuration.limits
        packetLimits = limits.packet
        handlersInFlightLimit = UInt16(min(max(limits.handlersInFlight, 1), Int(UInt16.max) / 2))
        recovery = configuration.recovery.map {
            RecoveryShard($0, isAcrossNodes: configuration.keepingAdapter != nil, on: engine)
        }
        isMessagePack = configuration.parser == .msgpack
        writesInPlace = recovery == nil && configuration.parser == .json
        handlersLimit = max(limits.handlersInFlightTotal / engine.loopCount, 1)
        connectTimeout = configuration.connectTimeout
        logger = configuration.engine.logger
    }

    var loop: EventLoop { engine.loop }

    /// The loop's part of `limits.inboxBytesTotal`.
    var inboxBytesLimit: Int { limits.inboxBytesTotal / engine.loopCount }

    /// The loop's part of `limits.latestBytesTotal`.
    var latestBytesLimit: Int { limits.latestBytesTotal / engine.loopCount }

    // MARK: Handlers that are under way

    /// Whether the loop's part of `limits.handlersInFlightTotal` lets another one begin.
    var mayBeginHandlers: Bool { handlersInFlight < handlersLimit }

    func handlerBegins() { handlersInFlight += 1 }

    func handlerEnded() { handlersInFlight -= 1 }

    /// Whether a socket may wait for others' handlers.
    var mayHaveWaiting: Bool { waiting.mayHaveAny }

    /// What came for `socket` waits for others' handlers.
    func awaitOthers(_ socket: Socket) -> WaitingLine.Ticket {
        log.handlersAreFull.noteLater(on: loop)
        return waiting.append(socket)
    }

    func leaveLine(_ ticket: WaitingLine.Ticket) { waiting.remove(ticket) }

    /// Handlers have ended: those who waited go on, for as long as there is room; not too many in one turn.
    func letOthersGoOn() {
        // Their handlers may end at once, and come back here.
        guard !isLettingOthersGoOn else { return }
        isLettingOthersGoOn = true
        for _ in 0..<Self.turnSockets {
            guard mayBeginHandlers, let socket = waiting.removeFirst() else {
                isLettingOthersGoOn = false
                return
            }
            socket.extras?.inbox?.goOn()
        }
        loop.post(FurtherTurn(shard: LoopBound(self, on: loop)))
    }

    /// The next turn has come.
    fileprivate func letFurtherGoOn() {
        isLettingOthersGoOn = false
        letOthersGoOn()
    }

    /// This loop's part of the namespace of this number, if it has had a socket here.
    func existing(_ number: Int) -> NamespaceShard? {
        if let latest, latest.namespace.number == number { return latest }
        latest = namespaces[number]
        return latest
    }

    func shard(of namespace: Namespace) -> NamespaceShard {
        if let shard = existing(namespace.number) { return shard }
        let shard = NamespaceShard(namespace, server: self)
        namespaces.insert(shard)
        return shard
    }

    /// The namespace has ended.
    func remove(_ namespace: NamespaceShard) {
        namespaces.remove(namespace)
        latest = nil
        tally.events.add(namespace.eventCounts)
    }

    /// What the events of this loop were, those of namespaces that have ended included.
    var eventCounts: EventCounts {
        namespaces.all.reduce(into: tally.events) { $0.add($1.eventCounts) }
    }

    /// The connected sockets of all namespaces.
    var allSockets: [Socket] { namespaces.all.flatMap { $0.allSockets } }

    /// What this loop holds.
    var counts: LoopCounts {
        LoopCounts(
            sessions: engine.sessionCount, descriptors: loop.connectionCount, connections: engine.sessionsByTransport,
            namespaces: namespaces.all.map { $0.counts })
    }

    /// A packet of ours in MessagePack; nil, and the log says so, if a value of it cannot be.
    func messagePack(_ packet: EncodedPacket) -> [UInt8]? {
        do throws(ProtocolViolation) {
            return try packet.messagePack(limits: packetLimits.forMessagePack)
        } catch {
            log.notPacked.note("\(error.detail)", on: loop)
            return nil
        }
    }

    /// Sends the packet that the loop's scratch ends with, and takes it out.
    func send(scratchFrom start: Int, to session: EngineSession) {
        let scratch = loop.scratch
        if isMessagePack {
            let packet = EncodedPacket(text: scratch.array(in: start..<scratch.count))
            if let bytes = messagePack(packet) { session.send(binary: bytes) }
        } else {
            session.send(scratchFrom: start)
        }
        scratch.truncate(to: start)
    }

    /// Ends a session whose client broke the protocol (Protocol.md 1.5). Its sockets hear of it before, as JavaScript's do.
    func close(_ session: EngineSession, of sockets: [Socket], because violation: ProtocolViolation) {
        logger.log(at: .debug, "session \(session.id) closed: \(violation.detail)")
        for socket in sockets { SocketCore(socket).tell(InvalidPacket(violation)) }
        if violation.kind == .tooBig { engine.limitCounts.note("packet") }
        session.close(code: .protocolError)
    }
}

/// More sockets wait than one turn lets go on.
private struct FurtherTurn: LoopMessage {
    let shard: LoopBound<ServerShard>

    func deliver(on loop: EventLoop) { shard.value.letFurtherGoOn() }
}

extension ServerShard: UpperShard {
    var sessionsJoin: Bool { true }

    func handler(for session: EngineSession) -> any EngineSessionHandler {
        let sockets = SessionSockets(session, shard: self)
        sockets.awaitConnect()
        return sockets
    }

    func kind(ofText text: Span<UInt8>) -> MessageKind { MessageKind(of: text) }

    func kind(ofBinary bytes: [UInt8]) -> MessageKind {
        guard isMessagePack else { return .attachment }
        // Read once more than without rates; what is none ends its session where it is used.
        guard let packet = try? EncodedPacket(messagePack: bytes.span, limits: packetLimits) else { return .control }
        let kind = MessageKind(of: packet.text.span)
        if case .event = kind { return .event(attachments: 0) }
        return kind
    }

    /// The namespaces' parts refer back to this one.
    func ended() {
        recovery?.end()
        lag.stop()
        let ended = namespaces
        namespaces = KeyedTable()
        latest = nil
        let handlers = ended.all.map { $0.takeHandlers() }
        withExtendedLifetime((ended, handlers)) {}
    }
}

extension NamespaceShard: Keyed {
    var key: Int { namespace.number }
}
