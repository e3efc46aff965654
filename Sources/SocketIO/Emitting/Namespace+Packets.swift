internal import SocketIOEvents
internal import SocketIOWire

extension Namespace {
    /// An EVENT on its own, to be sent from elsewhere or to several.
    ///
    /// - Throws: What a value's own `encode(to:)` throws, and `EncodingError` for too many attachments.
    func packet<each Argument: Encodable>(
        _ name: EventName, id: UInt64? = nil, _ arguments: repeat each Argument
    ) throws -> EncodedPacket {
        let writer = ByteWriter()
        lazy var memory = JSONMemory()
        var draft = PacketDraft.event(name.description, id: id, namespace: wireName, to: writer)
        repeat try draft.append(each arguments, to: writer, memory: memory)
        try draft.limitAttachments(to: context.attachmentLimit, in: writer)
        return draft.packet(in: writer)
    }

    /// An ACK on its own.
    func packet<each Value: Encodable>(
        acknowledging id: UInt64, values: repeat each Value
    ) throws -> EncodedPacket {
        let writer = ByteWriter()
        var draft = PacketDraft.ack(id, namespace: wireName, to: writer)
        repeat try draft.append(each values, to: writer)
        try draft.limitAttachments(to: context.attachmentLimit, in: writer)
        return draft.packet(in: writer)
    }
}
