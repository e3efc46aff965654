/// The first two bytes of a frame (RFC 6455 5.2), checked, and where to find the rest of its header.
struct WebSocketFrameHeader {
    /// 2 bytes, up to 8 more of length, 4 of masking key.
    static let maxBytes = 14

    let opcode: WebSocketOpcode
    let isFinal: Bool
    /// Whether the frame is a whole message that is not compressed, or a control frame.
    let isWholeAndPlain: Bool
    /// How many bytes the whole header has.
    let size: Int
    /// The length itself below 126; 126 says that it stands in the next 2 bytes, 127 in the next 8.
    private let lengthCode: UInt8
    private let isMasked: Bool

    /// RSV1: the first frame of a message that is compressed (RFC 7692 6).
    static let compressedBit: UInt8 = 0x40

    /// - Parameter compresses: Whether messages may be compressed.
    @inline(__always)
    init(
        first: UInt8, second: UInt8, receivedBy role: WebSocketRole, compresses: Bool
    ) throws(WebSocketFailure) {
        if first & 0x70 != 0 { try Self.checkReservedBits(first, compresses) }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw WebSocketFailure(.protocolError, "a reserved opcode")
        }
        self.opcode = opcode
        isFinal = first & 0x80 != 0
        isWholeAndPlain = first & (0x80 | Self.compressedBit) == 0x80
        lengthCode = second & 0x7F
        isMasked = second & 0x80 != 0
        size = (lengthCode < 126 ? 2 : lengthCode == 126 ? 4 : 10) &+ (isMasked ? 4 : 0)
        if opcode.isControl {
            guard isFinal else { throw WebSocketFailure(.protocolError, "a fragmented control frame") }
            guard lengthCode < 126 else { throw WebSocketFailure(.protocolError, "a control frame over 125 bytes") }
        }
        switch role {
        case .server:
            guard isMasked else { throw WebSocketFailure(.protocolError, "a client's frame is not masked") }
        case .client:
            guard !isMasked else { throw WebSocketFailure(.protocolError, "a server's frame is masked") }
        }
    }

    /// Some of the bits are set.
    @inline(never)
    private static func checkReservedBits(_ first: UInt8, _ compresses: Bool) throws(WebSocketFailure) {
        guard compresses, first & 0x70 == compressedBit else {
            throw WebSocketFailure(.protocolError, "a reserved bit is set, but no extension is negotiated")
        }
        switch WebSocketOpcode(rawValue: first & 0x0F) {
        case .text, .binary: break
        // RFC 7692 6.1: neither later fragments nor control frames.
        case .continuation, .close, .ping, .pong, nil:
            throw WebSocketFailure(.protocolError, "a frame that begins no message is marked as compressed")
        }
    }

    /// How long the payload of the frame at `offset` is.
    @inline(__always)
    func payloadCount(_ bytes: Span<UInt8>, at offset: Int) throws(WebSocketFailure) -> Int {
        switch lengthCode {
        case ..<126: return Int(lengthCode)
        case 126: return Int(bytes.bigEndian(at: offset &+ 2, as: UInt16.self))
        default:
            let count = bytes.bigEndian(at: offset &+ 2, as: Int64.self)
            // RFC 6455 5.2: the most significant bit must be 0.
            guard count >= 0 else { throw WebSocketFailure(.protocolError, "a length of 64 bits") }
            return Int(count)
        }
    }

    /// As it stands in the frame, the first byte in the highest bits; zero changes nothing and stands for no mask too.
    @inline(__always)
    func maskingKey(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
        guard isMasked else { return 0 }
        return bytes.bigEndian(at: offset &+ size &- 4, as: UInt32.self)
    }
}

extension WebSocketFrameHeader {
    /// The payload and the masking key of the frame at `offset`, if it is what clients send most: a whole text message of
    /// less than 64 KiB, all of which is in `bytes`. Nil says nothing about what it is instead.
    @inline(always)
    static func maskedText(in bytes: Span<UInt8>, at offset: Int) -> (payload: Range<Int>, maskingKey: UInt32)? {
        guard bytes.count &- offset >= 8, bytes[offset] == 0x80 | WebSocketOpcode.text.rawValue else { return nil }
        let (start, count): (Int, Int)
        switch bytes[offset &+ 1] {
        case let second where second >= 0x80 && second < 0x80 | 126: (start, count) = (offset &+ 6, Int(second & 0x7F))
        case 0x80 | 126: (start, count) = (offset &+ 8, Int(bytes.bigEndian(at: offset &+ 2, as: UInt16.self)))
        default: return nil
        }
        guard count <= bytes.count &- start else { return nil }
        return (start..<(start &+ count), bytes.bigEndian(at: start &- 4, as: UInt32.self))
    }
}
