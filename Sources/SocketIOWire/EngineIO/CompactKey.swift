/// A `Sec-WebSocket-Key` (RFC 6455 4.1) as the bytes that it encodes.
enum CompactKey {
    static var byteCount: Int { 16 }

    /// The bytes, if `text` is what becomes of them again: the unused bits of a last character may be any.
    static func bytes(of key: Span<UInt8>) -> [UInt8]? {
        guard key.count == 24, let bytes = Base64.decode(key), bytes.count == byteCount,
            text(of: bytes.span).span.equals(key)
        else { return nil }
        return bytes
    }

    static func text(of bytes: Span<UInt8>) -> [UInt8] {
        let writer = ByteWriter()
        Base64.encode(bytes, into: writer)
        return writer.array()
    }
}
