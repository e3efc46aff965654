/// A packet that waits to be sent.
package enum EngineOutgoingPacket: Equatable, Sendable {
    /// The type, and what follows it.
    case text([UInt8])
    case binary([UInt8])

    static func text(_ type: EnginePacketType) -> EngineOutgoingPacket { .text([type.rawValue]) }

    /// Bytes that it takes in a polling payload.
    var payloadByteCount: Int {
        switch self {
        case .text(let text): text.count
        case .binary(let bytes): (bytes.count + 2) / 3 * 4 + 1
        }
    }

    func appendPayload(to writer: ByteWriter) {
        switch self {
        case .text(let text): writer.append(text)
        case .binary(let bytes):
            writer.append(EnginePayload.binaryMark)
            Base64.encode(bytes.span, into: writer)
        }
    }
}

/// Packets in the order they are to be sent, which leave as polling payloads of a limited size.
package struct EngineOutbox: Sendable {
    /// python-engineio refuses payloads of more packets.
    private static let packetsPerPayload = 16

    private var packets: [EngineOutgoingPacket] = []
    /// The packets before it are taken.
    private var first = 0
    /// Of the packets that wait, as they will be sent.
    package private(set) var byteCount = 0

    package init() {}

    package var isEmpty: Bool { first == packets.count }

    package mutating func append(_ packet: EngineOutgoingPacket) {
        packets.append(packet)
        byteCount += packet.payloadByteCount
    }

    /// All that waits.
    package mutating func takeAll() -> [EngineOutgoingPacket] {
        defer { self = EngineOutbox() }
        return Array(packets[first...])
    }

    /// The next payload: as many packets as fit into `maxBytes`, and at least one, which the server may then refuse.
    package mutating func takePayload(maxBytes: Int) -> [UInt8] {
        let writer = ByteWriter()
        var count = 0
        while first < packets.count, count < Self.packetsPerPayload {
            let packet = packets[first]
            let separator = count == 0 ? 0 : 1
            guard count == 0 || packet.payloadByteCount <= maxBytes - writer.count - separator else { break }
            if count > 0 { writer.append(EnginePayload.separator) }
            packet.appendPayload(to: writer)
            byteCount -= packet.payloadByteCount
            first += 1
            count += 1
        }
        // Kept short without moving the rest for each payload.
        if first == packets.count {
            packets = []
            first = 0
        } else if first > 64, first * 2 > packets.count {
            packets.removeFirst(first)
            first = 0
        }
        return writer.array()
    }
}
