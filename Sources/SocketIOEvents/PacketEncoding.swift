package import SocketIOWire

/// Writes packets from the application's values.
package enum PacketEncoding {
    /// Writes an EVENT to the end of `writer` and returns its attachments.
    ///
    /// - Throws: What a value's own `encode(to:)` throws; then nothing is written.
    package static func appendEvent<each Argument: Encodable>(
        to writer: ByteWriter, namespace: [UInt8], name: EventName, id: UInt64?, _ arguments: repeat each Argument
    ) throws -> [[UInt8]] {
        var draft = PacketDraft(.event, to: writer, namespace: namespace, id: id)
        writer.append(json: name.description)
        do {
            repeat try draft.append(each arguments)
        } catch {
            draft.abandon()
            throw error
        }
        return draft.finish(withAttachmentsAs: .binaryEvent)
    }

    /// Writes an ACK to the end of `writer` and returns its attachments.
    package static func appendAck(
        to writer: ByteWriter, namespace: [UInt8], id: UInt64, _ reply: some Encodable
    ) throws -> [[UInt8]] {
        var draft = PacketDraft(.ack, to: writer, namespace: namespace, id: id)
        do {
            try draft.appendFirst(reply)
        } catch {
            draft.abandon()
            throw error
        }
        return draft.finish(withAttachmentsAs: .binaryAck)
    }

    /// An EVENT on its own, to be sent from elsewhere or to several.
    package static func event<each Argument: Encodable>(
        namespace: [UInt8], name: EventName, id: UInt64? = nil, _ arguments: repeat each Argument
    ) throws -> EncodedPacket {
        let writer = ByteWriter()
        let attachments = try appendEvent(to: writer, namespace: namespace, name: name, id: id, repeat each arguments)
        return EncodedPacket(text: writer.array(), attachments: attachments)
    }
}

/// A packet whose payload is being written at the end of a writer.
private struct PacketDraft {
    private let writer: ByteWriter
    private let namespace: [UInt8]
    private let id: UInt64?
    private let start: Int
    private let payloadStart: Int
    private var attachments: [[UInt8]] = []

    /// Writes the head, as if there were no attachments, and opens the payload.
    init(_ type: PacketType, to writer: ByteWriter, namespace: [UInt8], id: UInt64?) {
        self.writer = writer
        self.namespace = namespace
        self.id = id
        start = writer.count
        writer.appendPacketHead(type, namespace: namespace, id: id)
        payloadStart = writer.count
        writer.append(UInt8(ascii: "["))
    }

    mutating func appendFirst(_ value: some Encodable) throws {
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
    }

    mutating func append(_ value: some Encodable) throws {
        writer.append(UInt8(ascii: ","))
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
    }

    /// Takes back what was written.
    func abandon() {
        writer.truncate(to: start)
    }

    /// Closes the payload and returns the attachments.
    func finish(withAttachmentsAs binaryType: PacketType) -> [[UInt8]] {
        writer.append(UInt8(ascii: "]"))
        guard !attachments.isEmpty else { return [] }
        // How many there are stands before the payload and is known only now: the packet is written anew.
        let payload = writer.array(in: payloadStart..<writer.count)
        writer.truncate(to: start)
        writer.appendPacketHead(binaryType, attachmentCount: attachments.count, namespace: namespace, id: id)
        writer.append(payload)
        return attachments
    }
}
