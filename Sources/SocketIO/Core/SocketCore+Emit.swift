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
        var draft = namespace.draft(name)
        try namespace.append(argument, to: &draft)
        send(draft, [])
    }

    @specialized(where Reply == String)
    func acknowledge<Reply: Encodable>(_ id: UInt64, with reply: Reply) throws {
        var draft = namespace.draft(acknowledging: id)
        try namespace.append(reply, to: &draft)
        send(draft, [])
    }

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

    @specialized(where Value == String)
    fileprivate func append<Value: Encodable>(_ value: Value, to draft: inout PacketDraft) throws {
        try draft.append(value, to: scratch)
    }

    fileprivate func finish(_ draft: PacketDraft) -> Int { draft.finish(in: scratch) }

    fileprivate func abandon(_ draft: PacketDraft) { draft.abandon(in: scratch) }
}
