internal import EngineIO
public import SocketIOEvents
internal import SocketIOWire

// What a socket sends: on the loop's thread encoded straight into the loop's memory, elsewhere as a packet on its own.

extension Socket {
    /// Sends an event with one text, as most events have.
    public func emit(_ name: EventName, _ text: String) {
        let isSent = shard.writesInPlace && sendPlain(ofAbout: text.utf8.count) { shard.append(name, text, to: $0) }
        if !isSent { emit(name, [], text) }
    }

    /// Sends an event with one argument: without the cost of a list of arguments.
    public func emit<Argument: Encodable>(_ name: EventName, _ argument: Argument) {
        if Argument.self == String.self { return emit(name, exactCast(argument, to: String.self)) }
        if Argument.self == EventArguments.self {
            return emit(name, passing: exactCast(argument, to: EventArguments.self))
        }
        guard shard.writesInPlace else { return post(name, [], argument) }
        do {
            var draft = shard.draft(name)
            try shard.append(argument, to: &draft)
            try shard.limitAttachments(of: draft)
            if send(draft, []) { shard.noteSent() }
        } catch {
            report(error, in: .sending(name.description))
        }
    }

    /// Sends an event with the arguments of another.
    private func emit(_ name: EventName, passing arguments: EventArguments) {
        let isSent =
            shard.writesInPlace && arguments.isPlain
            && sendPlain(ofAbout: arguments.json.count) { shard.append(name, arguments, to: $0) }
        if !isSent { emit(name, [], arguments) }
    }

    func emit<each Argument: Encodable>(
        _ name: EventName, _ options: EmitOptions, _ arguments: repeat each Argument
    ) {
        guard shard.writesInPlace else { return post(name, options, repeat each arguments) }
        do {
            try sendEvent(name, options, repeat each arguments)
        } catch {
            report(error, in: .sending(name.description))
        }
    }

    /// Has an event sent on the socket's loop.
    @inline(never)
    func post<each Argument: Encodable>(
        _ name: EventName, _ options: EmitOptions, _ arguments: repeat each Argument
    ) {
        do {
            let packet = try namespace.packet(name, repeat each arguments)
            perform(.send(packet, options))
        } catch {
            report(error, in: .sending(name.description))
        }
    }

    /// Acknowledges an event with `reply`.
    @specialized(where Reply == String)
    func acknowledge<Reply: Encodable & Sendable>(_ id: UInt64, with reply: Reply) {
        guard shard.writesInPlace else { return post(acknowledging: id, with: reply) }
        if let count = ByteWriter.plainByteCount(of: reply) {
            let isSent = sendPlain(ofAbout: count) { shard.append(acknowledging: id, reply, to: $0) }
            if isSent { return }
        }
        do {
            var draft = shard.draft(acknowledging: id)
            try shard.append(reply, to: &draft)
            try shard.limitAttachments(of: draft)
            send(draft, [])
        } catch {
            report(error, in: .acknowledging)
        }
    }

    /// Acknowledges an event with nothing; on the loop's thread.
    func acknowledge(_ id: UInt64) {
        guard shard.writesInPlace else { return acknowledgeApart(id) }
        send(shard.draft(acknowledging: id), [])
    }

    @inline(never)
    private func acknowledgeApart(_ id: UInt64) {
        do {
            perform(.send(try namespace.packet(acknowledging: id), []))
        } catch {
            report(error, in: .acknowledging)
        }
    }

    /// Acknowledges an event with any number of values.
    package func acknowledge<each Value: Encodable & Sendable>(_ id: UInt64, values: repeat each Value) {
        do {
            perform(.send(try namespace.packet(acknowledging: id, values: repeat each values), []))
        } catch {
            report(error, in: .acknowledging)
        }
    }

    @inline(never)
    private func post(acknowledging id: UInt64, with reply: some Encodable) {
        do {
            let packet = try namespace.packet(acknowledging: id, values: reply)
            perform(.send(packet, []))
        } catch {
            report(error, in: .acknowledging)
        }
    }
}

// On the loop's thread, as those above have made sure.
extension Socket {
    private func sendEvent<each Argument: Encodable>(
        _ name: EventName, _ options: EmitOptions, _ arguments: repeat each Argument
    ) throws {
        let scratch = shard.scratch
        var draft = shard.draft(name)
        repeat try draft.append(each arguments, to: scratch, memory: shard.memory)
        try shard.limitAttachments(of: draft)
        if send(draft, options) { shard.noteSent() }
    }

    /// Sends a packet of a value of about `count` bytes, which `body` appends in place; false if that cannot be.
    @inline(__always)
    private func sendPlain(ofAbout count: Int, _ body: (ByteWriter) -> Void) -> Bool {
        accepts([]) && session.sendMessage(ofAbout: count + Self.headByteCount, body)
    }

    /// About what stands around the value of a packet.
    private static let headByteCount = 24

    /// - Returns: Whether it was sent.
    @discardableResult
    @inline(__always)
    private func send(_ draft: PacketDraft, _ options: EmitOptions) -> Bool {
        let isSent = accepts(options)
        if isSent {
            session.send(scratchFrom: shard.finish(draft))
            send(draft.attachments)
        }
        shard.abandon(draft)
        return isSent
    }

    @inline(__always)
    fileprivate func send(_ attachments: [[UInt8]]) {
        for index in attachments.indices { session.send(binary: attachments[index]) }
    }

    /// Whether a packet is to be sent at all. What a middleware sends is: the client keeps it until it hears that it is
    /// connected.
    @inline(__always)
    fileprivate func accepts(_ options: EmitOptions) -> Bool {
        isReachable && (!options.contains(.volatile) || session.isWritable)
    }
}

extension SocketCore {
    /// Whether a packet that goes to others, too, is to be sent: not in the middlewares, where a socket may have been put
    /// into rooms.
    @inline(__always)
    func accepts(_ options: EmitOptions) -> Bool {
        socket.isConnected && (!options.contains(.volatile) || socket.session.isWritable)
    }

    /// Sends a packet to this socket alone.
    ///
    /// - Returns: False if it cannot be written as the server's packets are.
    @discardableResult
    func send(_ packet: EncodedPacket, _ options: EmitOptions) -> Bool {
        guard socket.accepts(options) else { return true }
        if packet.isEvent { shard.noteSent() }
        if shard.server.isMessagePack {
            guard let bytes = shard.server.messagePack(packet) else { return false }
            socket.session.send(binary: bytes)
            return true
        }
        socket.session.send(text: packet.text.span)
        socket.send(packet.attachments)
        return true
    }

    /// Sends an event that goes to others, too, as MessagePack.
    func send(messagePack bytes: [UInt8], _ options: EmitOptions) {
        guard accepts(options) else { return }
        shard.noteSent()
        socket.session.send(binary: bytes)
    }

    /// Sends an event that goes to others, too, and is counted by whoever sends it to all of them.
    @inline(__always)
    func send(_ message: inout SharedMessage, _ attachments: [[UInt8]], _ options: EmitOptions) {
        guard accepts(options) else { return }
        socket.session.send(&message)
        socket.send(attachments)
    }

    func sendDisconnect() {
        let scratch = socket.shard.scratch
        let start = scratch.count
        scratch.appendPacketHead(.disconnect, namespace: socket.shard.wireName)
        socket.shard.server.send(scratchFrom: start, to: socket.session)
    }
}

// Of use only to the above: each step is a call on the object that holds what it needs, which takes no references.
extension NamespaceShard {
    fileprivate func draft(_ name: EventName) -> PacketDraft {
        PacketDraft.event(name.description, namespace: wireName, to: scratch)
    }

    fileprivate func draft(acknowledging id: UInt64) -> PacketDraft {
        PacketDraft.ack(id, namespace: wireName, to: scratch)
    }

    fileprivate func append(_ name: EventName, _ text: String, to packet: ByteWriter) {
        noteSent()
        packet.appendEvent(name.description, namespace: wireName, plain: text)
    }

    fileprivate func append(_ name: EventName, _ arguments: EventArguments, to packet: ByteWriter) {
        noteSent()
        packet.appendEvent(name.description, namespace: wireName, plain: arguments)
    }

    @inline(__always)
    fileprivate func append<Reply: Encodable>(acknowledging id: UInt64, _ reply: Reply, to packet: ByteWriter) {
        packet.appendAck(id, namespace: wireName, plain: reply)
    }

    @specialized(where Value == String)
    fileprivate func append<Value: Encodable>(_ value: Value, to draft: inout PacketDraft) throws {
        try draft.append(value, to: scratch, memory: memory)
    }

    @inline(__always)
    fileprivate func limitAttachments(of draft: PacketDraft) throws {
        try draft.limitAttachments(to: packetLimits.attachments, in: scratch)
    }

    fileprivate func finish(_ draft: PacketDraft) -> Int { draft.finish(in: scratch) }

    fileprivate func abandon(_ draft: PacketDraft) { draft.abandon(in: scratch) }
}
