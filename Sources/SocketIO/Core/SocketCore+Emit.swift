internal import SocketIOEvents
internal import SocketIOWire

// What handlers send: encoded straight into the loop's scratch. If this throws, nothing is sent.

extension SocketCore {
    func emit<each Argument: Encodable>(
        _ name: EventName, _ options: EmitOptions, _ arguments: repeat each Argument
    ) throws {
        let scratch = namespace.scratch
        var draft = namespace.draft(name)
        repeat try draft.append(each arguments, to: scratch)
        send(draft, options)
    }

    /// For one argument, which most events have: a pack would cost each message its copies.
    @specialized(where Argument == String)
    func emit<Argument: Encodable>(_ name: EventName, _ argument: Argument) throws {
        if let start = beginPlainPacket(with: argument) {
            namespace.append(name, plain: argument)
            client.endPacket(from: start)
        } else {
            var draft = namespace.draft(name)
            try namespace.append(argument, to: &draft)
            send(draft, [])
        }
    }

    @specialized(where Reply == String)
    func acknowledge<Reply: Encodable>(_ id: UInt64, with reply: Reply) throws {
        if let start = beginPlainPacket(with: reply) {
            namespace.append(acknowledging: id, plain: reply)
            client.endPacket(from: start)
        } else {
            var draft = namespace.draft(acknowledging: id)
            try namespace.append(reply, to: &draft)
            send(draft, [])
        }
    }

    /// Begins a packet that can be written where it is sent from; nil if it cannot.
    @inline(__always)
    private func beginPlainPacket<Value: Encodable>(with value: Value) -> Int? {
        guard let count = ByteWriter.plainByteCount(of: value), accepts([]) else { return nil }
        return client.beginPacket(ofAbout: count + Self.headByteCount)
    }

    /// About what stands around the value of a packet.
    private static let headByteCount = 24

    private func send(_ draft: PacketDraft, _ options: EmitOptions) {
        if accepts(options) { client.send(scratchFrom: namespace.finish(draft), draft.attachments) }
        namespace.abandon(draft)
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

    @inline(__always)
    fileprivate func append<Argument: Encodable>(_ name: EventName, plain argument: Argument) {
        output.appendEvent(name.description, namespace: wireName, plain: argument)
    }

    @inline(__always)
    fileprivate func append<Reply: Encodable>(acknowledging id: UInt64, plain reply: Reply) {
        output.appendAck(id, namespace: wireName, plain: reply)
    }

    @specialized(where Value == String)
    fileprivate func append<Value: Encodable>(_ value: Value, to draft: inout PacketDraft) throws {
        try draft.append(value, to: scratch)
    }

    fileprivate func finish(_ draft: PacketDraft) -> Int { draft.finish(in: scratch) }

    fileprivate func abandon(_ draft: PacketDraft) { draft.abandon(in: scratch) }
}
