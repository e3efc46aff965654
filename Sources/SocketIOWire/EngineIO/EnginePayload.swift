/// The body of a polling request or response: packets between record separators (Protocol.md 2.3).
package struct EnginePayload: Sendable {
    package static let separator: UInt8 = 0x1E
    /// Marks a binary packet, which is base64 text behind it.
    package static let binaryMark = UInt8(ascii: "b")

    package enum Packet: Equatable, Sendable {
        /// A text packet: where its content lies in the body, without the type.
        case text(EnginePacketType, Range<Int>)
        case binary([UInt8])
    }

    private let maxPackets: Int
    private var cursor = 0
    private var isFinished = false

    /// - Parameter maxPackets: How many packets a body may hold: each costs more than its byte.
    package init(maxPackets: Int) {
        self.maxPackets = maxPackets
    }

    /// The next packet of `body`, which is the same at every call; nil after the last one.
    ///
    /// A body of too many packets is refused by the first call, before any of it is used (Protocol.md 2.3).
    package mutating func next(in body: Span<UInt8>) throws(ProtocolViolation) -> Packet? {
        guard !isFinished else { return nil }
        if cursor == 0, Self.hasMorePackets(than: maxPackets, body) {
            throw ProtocolViolation(.tooBig, "too many packets in a payload")
        }
        let end = body.firstIndex(of: Self.separator, from: cursor) ?? body.count
        let range = cursor..<end
        cursor = end + 1
        isFinished = end == body.count
        return try Self.decode(body, range)
    }

    private static func hasMorePackets(than limit: Int, _ body: Span<UInt8>) -> Bool {
        var separators = 0
        var cursor = 0
        while let found = body.firstIndex(of: separator, from: cursor) {
            separators += 1
            guard separators < limit else { return true }
            cursor = found + 1
        }
        return false
    }

    private static func decode(_ body: Span<UInt8>, _ range: Range<Int>) throws(ProtocolViolation) -> Packet {
        guard let first = range.first else { throw ProtocolViolation(.malformed, "an empty packet") }
        let content = range.dropFirst()
        if body[first] == binaryMark {
            return .binary(Base64.decodeForgiving(body.extracting(content)))
        }
        guard let type = EnginePacketType(rawValue: body[first]) else {
            throw ProtocolViolation(.malformed, "an unknown packet type")
        }
        return .text(type, content)
    }
}

extension EnginePayload {
    /// Writes `packets` as one body.
    static func append(_ packets: [EnginePacket], to writer: ByteWriter) {
        for (index, packet) in packets.enumerated() {
            if index > 0 { writer.append(separator) }
            switch packet {
            case .text(let type, let content):
                writer.append(type.rawValue)
                writer.append(content)
            case .binary(let bytes):
                writer.append(binaryMark)
                Base64.encode(bytes.span, into: writer)
            }
        }
    }
}
