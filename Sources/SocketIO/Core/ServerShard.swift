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
    /// What waits in the inboxes of all sockets of the loop.
    var inboxBytes = 0
    /// What is kept for clients that come back; nil if that is off.
    let recovery: RecoveryShard?
    /// Whether packets travel as MessagePack.
    let isMessagePack: Bool
    /// Whether what handlers emit may be written where it is sent from: nobody keeps it or writes it in another form.
    let writesInPlace: Bool
    let connectTimeout: Duration
    let logger: any ServerLogger
    let tooManyRooms: CountedLine
    let longRoomName: CountedLine
    let tooManyNamespaces: CountedLine
    let failedMatcher: CountedLine
    private let notPacked: CountedLine
    /// For the values of all events of this loop.
    let memory = JSONMemory()
    /// Made with the first socket.
    private var namespaces = KeyedTable<NamespaceShard>()
    /// The one that was asked for last: most servers use one more than all others.
    private var latest: NamespaceShard?

    init(engine: EngineShard, context: ServerContext, configuration: SocketIOServer.Configuration) {
        self.engine = engine
        self.context = context
        limits = configuration.limits
        packetLimits = limits.packet
        handlersInFlightLimit = UInt16(min(max(limits.handlersInFlight, 1), Int(UInt16.max) / 2))
        recovery = configuration.recovery.map { RecoveryShard($0, on: engine) }
        isMessagePack = configuration.parser == .msgpack
        writesInPlace = recovery == nil && configuration.parser == .json
        connectTimeout = configuration.connectTimeout
        logger = configuration.engine.logger
        tooManyRooms = CountedLine("a socket joins no further room; raise `limits.roomsPerSocket`", to: logger)
        longRoomName = CountedLine("a room's name is too long to be joined; raise `limits.roomNameBytes`", to: logger)
        tooManyNamespaces = CountedLine("a namespace is refused; raise `limits.dynamicNamespaces`", to: logger)
        notPacked = CountedLine("an event was not sent, because it cannot be MessagePack", at: .error, to: logger)
        failedMatcher = CountedLine("who decides about a namespace failed, which is a no", to: logger)
    }

    var loop: EventLoop { engine.loop }

    /// The loop's part of `limits.inboxBytesTotal`.
    var inboxBytesLimit: Int { limits.inboxBytesTotal / engine.loopCount }

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
    }

    /// What this loop holds.
    var counts: SocketIOServer.Counts {
        var counts = SocketIOServer.Counts(sessions: engine.sessionCount, descriptors: loop.connectionCount)
        for namespace in namespaces.all {
            counts.sockets += namespace.socketCount
            counts.rooms += namespace.roomCount
        }
        return counts
    }

    /// The limits of a packet that was MessagePack, where bytes stand among other values and are not counted.
    var messagePackLimits: PacketLimits {
        var limits = packetLimits
        limits.attachments = PacketLimits.maxAttachments
        return limits
    }

    /// A packet of ours in MessagePack; nil, and the log says so, if a value of it cannot be.
    func messagePack(_ packet: EncodedPacket) -> [UInt8]? {
        do throws(ProtocolViolation) {
            return try packet.messagePack(limits: messagePackLimits)
        } catch {
            notPacked.note("\(error.detail)", on: loop)
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

    /// Ends a session whose client broke the protocol (Protocol.md 1.5).
    func close(_ session: EngineSession, because violation: ProtocolViolation) {
        logger.log(at: .debug, "session \(session.id) closed: \(violation.detail)")
        session.close(code: .protocolError)
    }
}

extension ServerShard: UpperShard {
    var sessionsJoin: Bool { true }

    func handler(for session: EngineSession) -> any EngineSessionHandler {
        let sockets = SessionSockets(session, shard: self)
        sockets.awaitConnect()
        return sockets
    }

    /// The namespaces' parts refer back to this one.
    func ended() {
        recovery?.end()
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
