internal import SocketIOWire

/// What a polling session has for its client, the requests that are open (Protocol.md 3.3), and how far the upgrade is.
final class PollingTransport {
    enum Packet {
        case text(EnginePacketType, [UInt8])
        case binary([UInt8])

        var byteCount: Int {
            switch self {
            case .text(_, let bytes): bytes.count + 2
            case .binary(let bytes): bytes.count / 3 * 4 + 6
            }
        }
    }

    /// The GET that waits for something to say.
    private(set) var poll: HTTPConnection?
    /// The POST whose body is arriving.
    var post: HTTPConnection?
    var upgrade = EngineUpgrade(transport: .polling)
    /// The WebSocket that may become the session's transport.
    var probe: WebSocketConnection?
    /// Until when a client may fetch what is left of a session that this side closed.
    var drainDeadline: ContinuousClock.Instant?
    private var packets: [Packet] = []
    /// Of the packets, as they will be sent.
    private(set) var byteCount = 0

    var isEmpty: Bool { packets.isEmpty }

    func open(_ exchange: HTTPConnection) {
        poll = exchange
    }

    func takePoll() -> HTTPConnection? {
        defer { poll = nil }
        return poll
    }

    func append(_ packet: Packet) {
        packets.append(packet)
        byteCount += packet.byteCount
    }

    func takePackets() -> [Packet] {
        defer {
            packets = []
            byteCount = 0
        }
        return packets
    }

    /// All packets as the body of a response.
    func takeBody(using writer: ByteWriter) -> [UInt8] {
        let start = writer.count
        for (index, packet) in takePackets().enumerated() {
            if index > 0 { writer.append(EnginePayload.separator) }
            switch packet {
            case .text(let type, let content):
                writer.append(type.rawValue)
                writer.append(content)
            case .binary(let bytes):
                writer.append(EnginePayload.binaryMark)
                Base64.encode(bytes.span, into: writer)
            }
        }
        defer { writer.truncate(to: start) }
        return writer.array(in: start..<writer.count)
    }
}
