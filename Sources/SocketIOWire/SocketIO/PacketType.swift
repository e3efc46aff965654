/// The first byte of a Socket.IO packet (Protocol.md 4.2).
package enum PacketType: UInt8, Sendable {
    case connect = 0x30
    case disconnect = 0x31
    case event = 0x32
    case ack = 0x33
    case connectError = 0x34
    case binaryEvent = 0x35
    case binaryAck = 0x36

    package var isBinary: Bool {
        switch self {
        case .binaryEvent, .binaryAck: true
        case .connect, .disconnect, .event, .ack, .connectError: false
        }
    }

    package var isEvent: Bool {
        switch self {
        case .event, .binaryEvent: true
        case .connect, .disconnect, .ack, .binaryAck, .connectError: false
        }
    }
}
