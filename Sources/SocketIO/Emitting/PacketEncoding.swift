internal import SocketIOEvents
internal import SocketIOWire

/// Writes packets from the application's values.
enum PacketEncoding {
    /// Writes an EVENT to the end of `writer` and returns its attachments.
    ///
    /// - Throws: What a value's own `encode(to:)` throws; then nothing is written.
    static func appendEvent<each Argument: Encodable>(
        to writer: ByteWriter, namespace: [UInt8], name: EventName, id: UInt64?, _ arguments: repeat each Argument
    ) throws -> [[UInt8]] {
        try append(to: writer, .event, .binaryEvent, namespace: namespace, id: id) { attachments in
            writer.append(UInt8(ascii: "["))
            writer.append(json: name.description)
            for argument in repeat each arguments {
                writer.append(UInt8(ascii: ","))
                try JSONCoding.encode(argument, into: writer, attachments: &attachments)
            }
            writer.append(UInt8(ascii: "]"))
        }
    }

    /// Writes an ACK to the end of `writer` and returns its attachments.
    static func appendAck(
        to writer: ByteWriter, namespace: [UInt8], id: UInt64, _ reply: some Encodable
    ) throws -> [[UInt8]] {
        try append(to: writer, .ack, .binaryAck, namespace: namespace, id: id) { attachments in
            writer.append(UInt8(ascii: "["))
            try JSONCoding.encode(reply, into: writer, attachments: &attachments)
            writer.append(UInt8(ascii: "]"))
        }
    }

    /// An EVENT on its own, to be sent from elsewhere or to several.
    static func event<each Argument: Encodable>(
        namespace: [UInt8], name: EventName, id: UInt64? = nil, _ arguments: repeat each Argument
    ) throws -> EncodedPacket {
        let writer = ByteWriter()
        let attachments = try appendEvent(to: writer, namespace: namespace, name: name, id: id, repeat each arguments)
        return EncodedPacket(text: writer.array(), attachments: attachments)
    }

    private static func append(
        to writer: ByteWriter, _ type: PacketType, _ binaryType: PacketType, namespace: [UInt8], id: UInt64?,
        payload: (inout [[UInt8]]) throws -> Void
    ) throws -> [[UInt8]] {
        let start = writer.count
        var attachments: [[UInt8]] = []
        do {
            writer.appendPacketHead(type, namespace: namespace, id: id)
            let payloadStart = writer.count
            try payload(&attachments)
            guard !attachments.isEmpty else { return [] }
            // How many attachments there are stands before the payload and is known only after it.
            let written = writer.array(in: payloadStart..<writer.count)
            writer.truncate(to: start)
            writer.appendPacketHead(binaryType, attachmentCount: attachments.count, namespace: namespace, id: id)
            writer.append(written)
            return attachments
        } catch {
            writer.truncate(to: start)
            throw error
        }
    }
}
