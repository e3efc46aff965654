// Packets of Socket.IO as the official msgpack parser writes them: each a map in one binary message (Protocol.md 4.6).

extension EncodedPacket {
    /// The packet that one binary message is, as it would be in text.
    package init(messagePack bytes: Span<UInt8>, limits: PacketLimits) throws(ProtocolViolation) {
        // Each value of a packet is a byte at least, so that the size of a message is a limit already; but one of memory
        // takes many times as much.
        let value = try MessagePackReader.value(
            of: bytes, limits: MessagePackReader.Limits(depth: limits.jsonDepth + 1, values: limits.messagePackValues))
        guard case .object(let members) = value, let type = Self.type(members["type"]),
            case .string(let namespace) = members["nsp"]
        else { throw ProtocolViolation(.malformed, "a packet in MessagePack with no type or namespace") }
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        var id: UInt64?
        switch members["id"] {
        case nil: break
        case let value?:
            guard let number = Self.whole(value), (0...Int64(PacketHead.maxID)).contains(number) else {
                throw ProtocolViolation(.malformed, "a packet in MessagePack with a wrong id")
            }
            id = UInt64(number)
        }
        switch (type, members["data"]) {
        case (.event, .array(let values)), (.ack, .array(let values)):
            writer.append(json: .array(values), attachments: &attachments)
        case (.connect, .object(let object)), (.connectError, .object(let object)):
            writer.append(json: .object(object), attachments: &attachments)
        case (.connectError, .string(let text)):
            writer.append(json: text)
        // Python's client writes null for what is not there.
        case (.connect, nil), (.disconnect, nil), (.disconnect, .null): break
        default: throw ProtocolViolation(.malformed, "a packet in MessagePack with data of a wrong type")
        }
        guard attachments.reduce(0, { $0 + $1.count }) <= limits.attachmentBytes else {
            throw ProtocolViolation(.tooBig, "large attachments")
        }
        let payload = writer.array()
        writer.removeAll()
        // A map that looks like what stands for bytes must not stand for others'.
        if !attachments.isEmpty {
            do {
                try JSONScanner.validatePlaceholders(payload.span, attachmentCount: attachments.count)
            } catch {
                throw ProtocolViolation(.malformed, "a packet in MessagePack with a placeholder of its own")
            }
        }
        let written: PacketType
        switch (type, attachments.isEmpty) {
        case (_, true): written = type
        case (.event, false): written = .binaryEvent
        case (.ack, false): written = .binaryAck
        default: throw ProtocolViolation(.malformed, "a packet in MessagePack with bytes where none may be")
        }
        guard namespace == "/" || namespace.utf8.first == UInt8(ascii: "/"), !namespace.utf8.contains(UInt8(ascii: ","))
        else { throw ProtocolViolation(.malformed, "a packet in MessagePack with a wrong namespace") }
        writer.appendPacketHead(
            written, attachmentCount: attachments.count, namespace: namespace == "/" ? [] : Array(namespace.utf8),
            id: id)
        writer.append(payload)
        self.init(text: writer.array(), attachments: attachments)
    }

    private static func type(_ value: JSONValue?) -> PacketType? {
        guard let number = value.flatMap(whole), (0...4).contains(number) else { return nil }
        return PacketType(rawValue: PacketType.connect.rawValue + UInt8(number))
    }

    /// JavaScript has one type for all numbers, and some encoders write whole ones as floats.
    private static func whole(_ value: JSONValue) -> Int64? {
        switch value {
        case .integer(let number): number
        case .number(let number): Int64(whole: number)
        case .null, .bool, .string, .array, .object, .binary: nil
        }
    }

    /// The packet as one binary message.
    ///
    /// - Throws: If its payload has placeholders that stand for nothing, or nests too deep.
    package func messagePack(limits: PacketLimits) throws(ProtocolViolation) -> [UInt8] {
        let head = try PacketHead(parsing: text.span, limits: limits)
        let writer = ByteWriter()
        var payload: JSONValue?
        if head.payloadStart < text.count { payload = try self.payload(from: head.payloadStart) }
        writer.appendCount(2 + (payload == nil ? 0 : 1) + (head.id == nil ? 0 : 1), short: 0x80, limit: 16, long: 0xDE)
        writer.append(messagePack: "type")
        writer.append(messagePack: Int64(Self.plain(head.type).rawValue - PacketType.connect.rawValue))
        if let payload {
            writer.append(messagePack: "data")
            writer.append(messagePack: payload)
        }
        writer.append(messagePack: "nsp")
        writer.append(
            messagePack: head.namespace.isEmpty ? "/" : String(decoding: text[head.namespace], as: UTF8.self))
        if let id = head.id {
            writer.append(messagePack: "id")
            writer.append(messagePack: Int64(id))
        }
        return writer.array()
    }

    private func payload(from start: Int) throws(ProtocolViolation) -> JSONValue {
        do {
            return try JSONCoding.decode(
                JSONValue.self, from: text.span.extracting(start..<text.count), attachments: attachments)
        } catch {
            throw ProtocolViolation(.malformed, "a packet in MessagePack with a payload that is no JSON")
        }
    }

    private static func plain(_ type: PacketType) -> PacketType {
        switch type {
        case .binaryEvent: .event
        case .binaryAck: .ack
        case .connect, .disconnect, .event, .ack, .connectError: type
        }
    }
}
