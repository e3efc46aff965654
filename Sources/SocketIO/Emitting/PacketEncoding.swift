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
        let start = writer.count
        writer.appendPacketHead(.event, namespace: namespace, id: id)
        let payloadStart = writer.count
        writer.append(UInt8(ascii: "["))
        writer.append(json: name.description)
        var attachments: [[UInt8]] = []
        do {
            repeat try append(each arguments, to: writer, &attachments)
        } catch {
            writer.truncate(to: start)
            throw error
        }
        writer.append(UInt8(ascii: "]"))
        if !attachments.isEmpty {
            let payload = writer.array(in: payloadStart..<writer.count)
            writer.truncate(to: start)
            append(payload, to: writer, .binaryEvent, attachments.count, namespace, id)
        }
        return attachments
    }

    private static func append(
        _ argument: some Encodable, to writer: ByteWriter, _ attachments: inout [[UInt8]]
    ) throws {
        writer.append(UInt8(ascii: ","))
        try JSONCoding.encode(argument, into: writer, attachments: &attachments)
    }

    /// Writes an ACK to the end of `writer` and returns its attachments.
    static func appendAck(
        to writer: ByteWriter, namespace: [UInt8], id: UInt64, _ reply: some Encodable
    ) throws -> [[UInt8]] {
        let start = writer.count
        writer.appendPacketHead(.ack, namespace: namespace, id: id)
        let payloadStart = writer.count
        writer.append(UInt8(ascii: "["))
        var attachments: [[UInt8]] = []
        do {
            try JSONCoding.encode(reply, into: writer, attachments: &attachments)
        } catch {
            writer.truncate(to: start)
            throw error
        }
        writer.append(UInt8(ascii: "]"))
        if !attachments.isEmpty {
            let payload = writer.array(in: payloadStart..<writer.count)
            writer.truncate(to: start)
            append(payload, to: writer, .binaryAck, attachments.count, namespace, id)
        }
        return attachments
    }

    /// How many attachments there are stands before the payload and is known only after it: the packet is written anew.
    private static func append(
        _ payload: [UInt8], to writer: ByteWriter, _ type: PacketType, _ attachmentCount: Int, _ namespace: [UInt8],
        _ id: UInt64?
    ) {
        writer.appendPacketHead(type, attachmentCount: attachmentCount, namespace: namespace, id: id)
        writer.append(payload)
    }

    /// An EVENT on its own, to be sent from elsewhere or to several.
    static func event<each Argument: Encodable>(
        namespace: [UInt8], name: EventName, id: UInt64? = nil, _ arguments: repeat each Argument
    ) throws -> EncodedPacket {
        let writer = ByteWriter()
        let attachments = try appendEvent(to: writer, namespace: namespace, name: name, id: id, repeat each arguments)
        return EncodedPacket(text: writer.array(), attachments: attachments)
    }
}
