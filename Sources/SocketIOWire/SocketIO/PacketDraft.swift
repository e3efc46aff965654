/// A packet that is being written to the end of a writer, value by value.
///
/// The writer is the same for every call. It is not kept, because each copy of a reference costs every message.
package struct PacketDraft {
    /// Where the packet begins.
    private let start: Int
    private var needsComma: Bool
    package private(set) var attachments: [[UInt8]] = []

    private init(from start: Int, needsComma: Bool) {
        self.start = start
        self.needsComma = needsComma
    }

    /// Begins an EVENT, whose name is the first value.
    package static func event(
        _ name: String, id: UInt64? = nil, namespace: [UInt8], to writer: ByteWriter
    ) -> PacketDraft {
        let start = writer.count
        writer.appendPacketHead(.event, namespace: namespace, id: id)
        writer.append(UInt8(ascii: "["))
        writer.append(json: name)
        return PacketDraft(from: start, needsComma: true)
    }

    /// Begins an ACK.
    package static func ack(_ id: UInt64, namespace: [UInt8], to writer: ByteWriter) -> PacketDraft {
        let start = writer.count
        writer.appendPacketHead(.ack, namespace: namespace, id: id)
        writer.append(UInt8(ascii: "["))
        return PacketDraft(from: start, needsComma: false)
    }

    /// Writes a value; its bytes become attachments.
    ///
    /// - Parameter memory: What is kept from one value to the next.
    /// - Throws: What the value's own `encode(to:)` throws; then nothing is left of the packet.
    @specialized(where Value == String)
    package mutating func append<Value: Encodable>(
        _ value: Value, to writer: ByteWriter, memory: @autoclosure () -> JSONMemory = JSONMemory()
    ) throws {
        if Value.self == EventArguments.self {
            return try append(arguments: exactCast(value, to: EventArguments.self), to: writer)
        }
        if needsComma { writer.append(UInt8(ascii: ",")) }
        needsComma = true
        do {
            try JSONCoding.encode(value, into: writer, memory: memory(), attachments: &attachments)
        } catch {
            abandon(in: writer)
            throw error
        }
    }

    private mutating func append(arguments: EventArguments, to writer: ByteWriter) throws {
        guard arguments.count > 0 else { return }
        guard attachments.isEmpty || arguments.attachments.isEmpty else {
            // Other attachments come first: the placeholders get other numbers.
            for value in arguments.values { try append(value, to: writer) }
            return
        }
        if needsComma { writer.append(UInt8(ascii: ",")) }
        needsComma = true
        writer.append(arguments.json)
        if !arguments.attachments.isEmpty { attachments = arguments.attachments }
    }

    /// Makes sure that the peer takes the packet: there is a rule for how many attachments one may have.
    ///
    /// - Throws: `EncodingError`; then nothing is left of the packet.
    @inline(__always)
    package func limitAttachments(to limit: @autoclosure () -> Int, in writer: ByteWriter) throws {
        if !attachments.isEmpty { try requireAttachments(within: limit(), in: writer) }
    }

    private func requireAttachments(within limit: Int, in writer: ByteWriter) throws {
        guard attachments.count > limit else { return }
        abandon(in: writer)
        throw EncodingError.invalidValue(
            attachments.count,
            EncodingError.Context(
                codingPath: [],
                debugDescription: "a packet with \(attachments.count) attachments, of which it may have \(limit); "
                    + "see `limits.attachmentsPerPacket`, which clients have, too"))
    }

    /// Completes the packet and returns where it begins.
    package func finish(in writer: ByteWriter) -> Int {
        writer.append(UInt8(ascii: "]"))
        if !attachments.isEmpty { announceAttachments(in: writer) }
        return start
    }

    /// Completes the packet and takes it out of the writer.
    package func packet(in writer: ByteWriter) -> EncodedPacket {
        let start = finish(in: writer)
        let text = writer.array(in: start..<writer.count)
        writer.truncate(to: start)
        return EncodedPacket(text: text, attachments: attachments)
    }

    /// Takes back what was written.
    package func abandon(in writer: ByteWriter) {
        writer.truncate(to: start)
        // One large message must not keep its memory.
        if start == 0 { writer.removeAll() }
    }

    /// How many attachments there are stands right behind the type, and is known only now (Protocol.md 4.1).
    private func announceAttachments(in writer: ByteWriter) {
        let type: PacketType = writer[start] == PacketType.event.rawValue ? .binaryEvent : .binaryAck
        let rest = writer.array(in: start + 1..<writer.count)
        writer.truncate(to: start)
        writer.appendPacketHead(type, attachmentCount: attachments.count, namespace: [])
        writer.append(rest)
    }
}
