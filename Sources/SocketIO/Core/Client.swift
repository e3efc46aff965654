internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a session has besides one connected socket of the main namespace: sockets of other namespaces, one that is
/// being admitted, a packet that waits for its attachments, or no socket at all (Protocol.md 5). Lives on the session's
/// loop.
///
/// Most clients have none of that most of the time: their one socket hears the session itself.
final class Client: EngineSessionHandler {
    let session: EngineSession
    private let shard: SocketShard
    private var main: SocketCore?
    private var others: [SocketCore] = []
    private var collector = AttachmentCollector()
    /// For the connect timeout, or for the attachments of the packet at hand.
    private var timer: TimerID?

    init(_ session: EngineSession, shard: SocketShard) {
        self.session = session
        self.shard = shard
    }

    /// For a socket that was all of its session.
    convenience init(of main: SocketCore) {
        self.init(main.session, shard: main.shard.server)
        self.main = main
        main.client = self
    }

    /// Gives the client a while to join a namespace (Protocol.md 5.1).
    func awaitConnect() {
        timer = session.loop.schedule(self, at: session.loop.now.advanced(by: shard.connectTimeout))
    }

    var cores: [SocketCore] { (main.map { [$0] } ?? []) + others }

    /// Whether a packet waits for attachments.
    var isCollecting: Bool { !collector.isIdle }

    /// Leaves the main socket alone with the session if there is nothing else.
    private func settle() {
        guard let main, main.isConnected, others.isEmpty, !isCollecting, timer == nil else { return }
        main.client = nil
    }

    // MARK: Receiving

    func received(text: Span<UInt8>) {
        defer { settle() }
        do throws(ProtocolViolation) {
            guard !isCollecting else {
                throw ProtocolViolation(.unexpected, "a text message where an attachment was announced")
            }
            let head = try PacketHead(parsing: text, limits: shard.packetLimits)
            if head.attachmentCount > 0 {
                try collect(head, text)
            } else {
                try receive(head, text, attachments: [])
            }
        } catch {
            shard.close(session, because: error)
        }
    }

    func received(binary: [UInt8]) {
        defer { settle() }
        do throws(ProtocolViolation) {
            guard isCollecting else {
                throw ProtocolViolation(.unexpected, "a binary message that no packet announced")
            }
            guard let packet = try collector.receive(binary, limits: shard.packetLimits) else { return }
            rearm()
            let text = packet.text.span
            try Self.validate(text.extracting(packet.head.payloadStart..<text.count), packet, shard.packetLimits)
            try receive(packet.head, text, attachments: packet.attachments)
        } catch {
            shard.close(session, because: error)
        }
    }

    private static func validate(
        _ payload: Span<UInt8>, _ packet: AttachmentCollector.Complete, _ limits: PacketLimits
    ) throws(ProtocolViolation) {
        do {
            try JSONScanner.validate(payload, maximumDepth: limits.jsonDepth)
            try JSONScanner.validatePlaceholders(payload, attachmentCount: packet.attachments.count)
        } catch {
            throw ProtocolViolation(.malformed, "a placeholder without its attachment")
        }
    }

    /// Keeps a packet until its attachments are there; refused before anything is kept if nobody could receive it.
    private func collect(_ head: PacketHead, _ text: Span<UInt8>) throws(ProtocolViolation) {
        _ = try joinedCore(of: text.extracting(head.namespace))
        let deadline = session.loop.now.advanced(by: shard.limits.attachmentTime)
        collector.begin(Array(text), head: head, until: deadline)
        rearm()
    }

    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]
    ) throws(ProtocolViolation) {
        let namespace = text.extracting(head.namespace)
        if case .connect = head.type { return try connect(namespace, head, text) }
        try joinedCore(of: namespace).receive(head, text, attachments: attachments)
    }

    private func joinedCore(of namespace: Span<UInt8>) throws(ProtocolViolation) -> SocketCore {
        guard let core = core(of: namespace), core.isConnected else {
            throw ProtocolViolation(.unexpected, "a packet for a namespace that is not joined")
        }
        return core
    }

    // MARK: Namespaces

    private func connect(
        _ namespace: Span<UInt8>, _ head: PacketHead, _ text: Span<UInt8>
    ) throws(ProtocolViolation) {
        let auth = try Self.auth(text, from: head.payloadStart, limits: shard.packetLimits)
        guard core(of: namespace) == nil else {
            throw ProtocolViolation(.unexpected, "a second CONNECT for a namespace")
        }
        let name = namespace.count == 0 ? "/" : String(validating: namespace) ?? ""
        guard let joined = shard.context.existingNamespace(name) else {
            return refuse(namespace, message: "Invalid namespace", data: [])
        }
        guard cores.count < shard.limits.namespacesPerConnection else {
            return refuse(namespace, message: "Too many namespaces", data: [])
        }
        let core = SocketCore(
            id: SocketID(shard.engine.value.makeSocketID()), auth: auth, shard: shard.shard(of: joined), client: self)
        if namespace.count == 0 { main = core } else { others.append(core) }
        core.admit()
    }

    /// The payload of a CONNECT: an object, or nothing.
    private static func auth(
        _ text: Span<UInt8>, from start: Int, limits: PacketLimits
    ) throws(ProtocolViolation) -> [UInt8] {
        guard start < text.count else { return [] }
        let payload = text.extracting(start..<text.count)
        do {
            try JSONScanner.validate(payload, maximumDepth: limits.jsonDepth)
        } catch {
            throw ProtocolViolation(.malformed, "a CONNECT whose payload is not JSON")
        }
        let first = JSONScanner.skipWhitespace(payload, at: 0)
        guard payload[first] == UInt8(ascii: "{") else {
            throw ProtocolViolation(.malformed, "a CONNECT whose payload is not an object")
        }
        return Array(payload)
    }

    private func core(of namespace: Span<UInt8>) -> SocketCore? {
        if namespace.count == 0 { return main }
        for core in others {
            let name = core.shard.wireName
            if name.span.equals(namespace) { return core }
        }
        return nil
    }

    /// A socket passed its middlewares.
    func didConnect(_ core: SocketCore) {
        // The connection has a socket: it may stay (Protocol.md 5.1).
        if !isCollecting { cancelTimer() }
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnected(namespace: core.shard.wireName, socketID: core.id.description)
        sendScratch(from: start)
        if core === main { session.pass(to: core) }
        settle()
    }

    /// A middleware said no.
    func refuse(_ core: SocketCore, _ error: any Error) {
        remove(core)
        let namespace = core.shard.wireName
        if let refusal = error as? ConnectionRefused {
            refuse(namespace.span, message: refusal.message, data: refusal.data.map { Self.encode($0) } ?? [])
        } else {
            // What went wrong inside is the application's business, not the client's (Protocol.md 5.2).
            refuse(namespace.span, message: "Connection refused", data: [])
            core.report(error)
        }
    }

    private func refuse(_ namespace: Span<UInt8>, message: String, data: [UInt8]) {
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnectError(namespace: namespace, message: message, data: data)
        sendScratch(from: start)
    }

    private static func encode(_ data: some Encodable) -> [UInt8] {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        // A refusal without its data is better than none.
        guard (try? JSONCoding.encode(data, into: writer, attachments: &attachments)) != nil, attachments.isEmpty else {
            return []
        }
        return writer.array()
    }

    private func sendScratch(from start: Int) {
        session.send(scratchFrom: start)
        session.loop.scratch.truncate(to: start)
    }

    /// Forgets a socket that ended.
    func remove(_ core: SocketCore) {
        if main === core {
            main = nil
            session.pass(to: self)
        } else {
            others.removeAll { $0 === core }
        }
        settle()
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        cancelTimer()
        collector.reset()
        let reason = DisconnectReason(reason)
        for core in cores { core.end(because: reason) }
    }
}

// MARK: Time

extension Client: TimerTarget {
    private func cancelTimer() {
        if let timer { session.loop.cancel(timer) }
        timer = nil
    }

    /// Waits for the attachments of the packet at hand; the connect timeout is over by then.
    private func rearm() {
        cancelTimer()
        if let deadline = collector.deadline { timer = session.loop.schedule(self, at: deadline) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        if isCollecting {
            shard.logger.log(at: .debug, "session \(session.id) closed: attachments did not come in time")
        } else {
            guard !cores.contains(where: \.isConnected) else { return settle() }
            shard.logger.log(at: .debug, "session \(session.id) closed: no namespace joined in time")
        }
        session.close(code: .policyViolation)
    }
}
