/// A packet that waits to be sent by the server.
package enum EnginePacket: Equatable, Sendable {
    /// The type, and what follows it, which others may hold as well.
    case text(EnginePacketType, [UInt8])
    case binary([UInt8])

    package static func text(_ type: EnginePacketType) -> EnginePacket { .text(type, []) }

    /// What it takes beside its bytes while it waits for a poll: the header of an array, what the allocator adds, and its
    /// place in a list.
    package static var queueOverhead: Int { 96 }

    /// Bytes that it takes in a polling payload, at most, with its separator, or about, with its length (Engine.IO 3).
    var payloadByteCount: Int {
        switch self {
        case .text(_, let content): content.count + 2
        case .binary(let bytes): bytes.count / 3 * 4 + 6
        }
    }
}
