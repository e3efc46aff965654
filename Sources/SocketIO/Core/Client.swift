internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// One client's Engine.IO session with its sockets, one for each namespace that it joined (Protocol.md 5). Lives on
/// the session's loop.
final class Client: EngineSessionHandler {
    private enum Content {
        /// The socket of the main namespace, and nothing else: most clients most of the time.
        case main(SocketCore)
        case more(More)
    }

    private final class More {
        var main: SocketCore?
        var others: [SocketCore] = []
        var collector = AttachmentCollector()
        /// For the connect timeout, or for the attachments of the packet at hand.
        var timer: TimerID?

        init(main: SocketCore? = nil) {
            self.main = main
        }
    }

    let session: EngineSession
    let shard: SocketShard
    private var content: Content

    init(_ session: EngineSession, shard: SocketShard) {
        self.session = session
        self.shard = shard
        let more = More()
        content = .more(more)
        more.timer = session.loop.schedule(self, at: session.loop.now.advanced(by: shard.connectTimeout))
    }

    private var main: SocketCore? {
        switch content {
        case .main(let core): core
        case .more(let more): more.main
        }
    }

    private var others: [SocketCore] {
        switch content {
        case .main: []
        case .more(let more): more.others
        }
    }

    /// Whether a packet waits for attachments.
    var isCollecting: Bool {
        switch content {
        case .main: false
        case .more(let more): !more.collector.isIdle
        }
    }

    /// What is changed: kept apart from now on, until `settle`.
    private func more() -> More {
        switch content {
        case .main(let core):
            let more = More(main: core)
            content = .more(more)
            return more
        case .more(let more): return more
        }
    }

    /// Goes back to the main socket alone if there is nothing else.
    private func settle() {
        guard case .more(let more) = content, let main = more.main, more.others.isEmpty, more.collector.isIdle,
            more.timer == nil
        else { return }
        content = .main(main)
    }

    // MARK: Receiving

    func received(text: Span<UInt8>) {
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
            violate(error)
        }
    }

    func received(binary: [UInt8]) {
        do {
            guard isCollecting else {
                throw ProtocolViolation(.unexpected, "a binary message that no packet announced")
            }
            guard let packet = try more().collector.receive(binary, limits: shard.packetLimits) else { return }
            rearm()
            settle()
            let text = packet.text.span
            let payload = text.extracting(packet.head.payloadStart..<text.count)
            do {
                try JSONScanner.validate(payload, maximumDepth: shard.packetLimits.jsonDepth)
                try JSONScanner.validatePlaceholders(payload, attachmentCount: packet.attachments.count)
            } catch {
                throw ProtocolViolation(.malformed, "a placeholder without its attachment")
            }
            try receive(packet.head, text, attachments: packet.attachments)
        } catch {
            violate(error as? ProtocolViolation ?? ProtocolViolation(.malformed, "a malformed packet"))
        }
    }

    /// Keeps a packet until its attachments are there; refused before anything is kept if nobody could receive it.
    private func collect(_ head: PacketHead, _ text: Span<UInt8>) throws(ProtocolViolation) {
        guard core(of: text.extracting(head.namespace))?.isConnected == true else {
            throw ProtocolViolation(.unexpected, "a packet for a namespace that is not joined")
        }
        let deadline = session.loop.now.advanced(by: shard.limits.attachmentTime)
        more().collector.begin(Array(text), head: head, until: deadline)
        rearm()
    }

    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]
    ) throws(ProtocolViolation) {
        let namespace = text.extracting(head.namespace)
        if case .connect = head.type { return try connect(namespace, head, text) }
        guard let core = core(of: namespace), core.isConnected else {
            throw ProtocolViolation(.unexpected, "a packet for a namespace that is not joined")
        }
        switch head.type {
        case .event, .binaryEvent:
            let event = try EventPayload(
                parsingEvent: text, from: head.payloadStart, limits: shard.packetLimits, memory: core.namespace.memory)
            try core.receive(event, text, attachments: attachments, id: head.id, for: core.socket)
        case .ack, .binaryAck:
            let payload = try EventPayload(parsingAck: text, from: head.payloadStart, limits: shard.packetLimits)
            if let id = head.id { core.receiveAck(id, payload, text, attachments: attachments) }
        case .disconnect:
            guard head.payloadStart == text.count else {
                throw ProtocolViolation(.malformed, "a DISCONNECT with a payload")
            }
            core.end(because: .clientNamespaceDisconnect)
        case .connectError:
            throw ProtocolViolation(.unexpected, "a CONNECT_ERROR from a client")
        case .connect:
            preconditionFailure("handled above")
        }
    }

    func violate(_ violation: ProtocolViolation) {
        shard.logger.log(at: .debug, "session \(session.id) closed: \(violation.detail)")
        // Protocol.md 1.5.
        session.close(code: .protocolError)
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
        let part = shard.shard(of: joined)
        let core = SocketCore(namespace: part, client: self)
        core.attach(
            Socket(
                id: SocketID(shard.engine.value.makeSocketID()), namespace: joined,
                handshake: Handshake(request: session.request, auth: auth), core: LoopBound(core, on: session.loop)))
        let more = more()
        if namespace.count == 0 { more.main = core } else { more.others.append(core) }
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
            let name = core.namespace.namespace.wireName
            if name.span.equals(namespace) { return core }
        }
        return nil
    }

    /// A socket passed its middlewares.
    func didConnect(_ core: SocketCore) {
        // The connection has a socket: it may stay (Protocol.md 5.1).
        if !isCollecting { cancelTimer() }
        settle()
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendConnected(
            namespace: core.namespace.namespace.wireName, socketID: core.socket.id.description)
        sendScratch(from: start)
        if core === main { session.pass(to: core.socket) }
    }

    /// A middleware said no.
    func refuse(_ core: SocketCore, _ error: any Error) {
        remove(core)
        let namespace = core.namespace.namespace.wireName
        if let refusal = error as? ConnectionRefused {
            refuse(namespace.span, message: refusal.message, data: refusal.data.map { Self.encode($0) } ?? [])
        } else {
            // What went wrong inside is the application's business, not the client's (Protocol.md 5.2).
            refuse(namespace.span, message: "Connection refused", data: [])
            core.socket.report(error)
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

    func sendDisconnect(_ core: SocketCore) {
        let scratch = session.loop.scratch
        let start = scratch.count
        scratch.appendPacketHead(.disconnect, namespace: core.namespace.namespace.wireName)
        sendScratch(from: start)
    }

    /// Sends the packet that the loop's scratch holds from `start` on, with what belongs to it.
    func send(scratchFrom start: Int, _ attachments: [[UInt8]]) {
        session.send(scratchFrom: start)
        for index in attachments.indices { session.send(binary: attachments[index]) }
    }

    /// Begins a packet without attachments, as `EngineSession.beginMessage` says.
    func beginPacket(ofAbout count: Int) -> Int? { session.beginMessage(ofAbout: count) }

    func endPacket(from start: Int) { session.endMessage(from: start) }

    /// Sends a packet that goes to others, too, with what belongs to it.
    func send(_ message: inout SharedMessage, _ attachments: [[UInt8]]) {
        session.send(&message)
        for index in attachments.indices { session.send(binary: attachments[index]) }
    }

    private func sendScratch(from start: Int) {
        session.send(scratchFrom: start)
        session.loop.scratch.truncate(to: start)
    }

    /// Forgets a socket that ended.
    func remove(_ core: SocketCore) {
        let more = more()
        if more.main === core {
            more.main = nil
            session.pass(to: self)
        } else {
            more.others.removeAll { $0 === core }
        }
        settle()
    }

    private var cores: [SocketCore] { (main.map { [$0] } ?? []) + others }

    /// Each namespace first gets its DISCONNECT, then the connection ends.
    func disconnectAll() {
        for core in cores where core.isStaying {
            sendDisconnect(core)
            core.end(because: .serverNamespaceDisconnect)
        }
        session.close()
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        cancelTimer()
        if case .more(let more) = content { more.collector.reset() }
        let reason = DisconnectReason(reason)
        for core in cores { core.end(because: reason) }
    }
}

// MARK: Time

extension Client: TimerTarget {
    private func cancelTimer() {
        guard case .more(let more) = content else { return }
        if let timer = more.timer { session.loop.cancel(timer) }
        more.timer = nil
    }

    /// Waits for the attachments of the packet at hand; the connect timeout is over by then.
    private func rearm() {
        cancelTimer()
        let more = more()
        if let deadline = more.collector.deadline { more.timer = session.loop.schedule(self, at: deadline) }
    }

    func timerFired(now: ContinuousClock.Instant) {
        if case .more(let more) = content { more.timer = nil }
        if !isCollecting {
            guard main?.isConnected != true, !others.contains(where: \.isConnected) else { return settle() }
            shard.logger.log(at: .debug, "session \(session.id) closed: no namespace joined in time")
        } else {
            shard.logger.log(at: .debug, "session \(session.id) closed: attachments did not come in time")
        }
        session.close(code: .policyViolation)
    }
}
