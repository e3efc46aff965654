/// The header of a frame (RFC 6455 5.2), checked as far as one header alone can be.
struct WebSocketFrameHeader {
    /// 2 bytes, up to 8 more of length, 4 of masking key.
    static let maxBytes = 14

    let payloadCount: UInt64
    /// As it stands in the frame, the first byte in the highest bits; zero changes nothing and stands for no mask too.
    let maskingKey: UInt32
    let opcode: WebSocketOpcode
    let isFinal: Bool

    /// How many bytes the header has that begins with these two; throws what is wrong with them already.
    @inline(__always)
    static func size(
        first: UInt8, second: UInt8, receivedBy role: WebSocketRole
    ) throws(WebSocketFailure) -> Int {
        guard first & 0x70 == 0 else {
            throw WebSocketFailure(.protocolError, "a reserved bit is set, but no extension is negotiated")
        }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw WebSocketFailure(.protocolError, "a reserved opcode")
        }
        let lengthCode = second & 0x7F
        if opcode.isControl {
            guard first & 0x80 != 0 else { throw WebSocketFailure(.protocolError, "a fragmented control frame") }
            guard lengthCode < 126 else { throw WebSocketFailure(.protocolError, "a control frame over 125 bytes") }
        }
        let keyBytes: Int
        switch role {
        case .server:
            guard second & 0x80 != 0 else { throw WebSocketFailure(.protocolError, "a client's frame is not masked") }
            keyBytes = 4
        case .client:
            guard second & 0x80 == 0 else { throw WebSocketFailure(.protocolError, "a server's frame is masked") }
            keyBytes = 0
        }
        return (lengthCode < 126 ? 2 : lengthCode == 126 ? 4 : 10) &+ keyBytes
    }

    /// The header at `offset`, all of whose `size` bytes are there.
    @inline(__always)
    init(_ bytes: Span<UInt8>, at offset: Int, size: Int) throws(WebSocketFailure) {
        let first = bytes[offset]
        let second = bytes[offset &+ 1]
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw WebSocketFailure(.protocolError, "a reserved opcode")
        }
        self.opcode = opcode
        isFinal = first & 0x80 != 0
        let lengthCode = second & 0x7F
        var next = offset &+ 2
        if lengthCode < 126 {
            payloadCount = UInt64(lengthCode)
        } else {
            let end = next &+ (lengthCode == 126 ? 2 : 8)
            var count: UInt64 = 0
            while next < end {
                count = count << 8 | UInt64(bytes[next])
                next &+= 1
            }
            guard count >> 63 == 0 else { throw WebSocketFailure(.protocolError, "a length of 64 bits") }
            payloadCount = count
        }
        var key: UInt32 = 0
        if second & 0x80 != 0 {
            key = UInt32(bytes[next]) << 24 | UInt32(bytes[next &+ 1]) << 16
            key |= UInt32(bytes[next &+ 2]) << 8 | UInt32(bytes[next &+ 3])
        }
        maskingKey = key
    }
}
