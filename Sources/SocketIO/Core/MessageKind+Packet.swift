internal import EngineIO
internal import SocketIOWire

extension MessageKind {
    /// What a packet is, by how it begins; one that is none ends its session where it is used.
    init(of packet: Span<UInt8>) {
        guard packet.count > 0, let type = PacketType(rawValue: packet[0]) else {
            self = .control
            return
        }
        switch type {
        case .event: self = .event(attachments: 0)
        case .binaryEvent: self = Self.attachmentCount(of: packet).map { .event(attachments: $0) } ?? .control
        case .ack, .binaryAck: self = .answer
        case .connect, .disconnect, .connectError: self = .control
        }
    }

    /// The digits before the `-`; nil where they are none, or name more than anybody may send.
    private static func attachmentCount(of packet: Span<UInt8>) -> Int? {
        var count = 0
        for index in 1..<packet.count {
            switch packet[index] {
            case UInt8(ascii: "-"): return index > 1 ? count : nil
            case UInt8(ascii: "0")...UInt8(ascii: "9"): count = count * 10 + Int(packet[index] - UInt8(ascii: "0"))
            default: return nil
            }
            guard count <= PacketLimits.maxAttachments else { return nil }
        }
        return nil
    }
}
