/// Writes frames (RFC 6455 5.2): unmasked for a server, masked for a client.
package enum WebSocketWriter {
    /// The largest payload of a control frame (RFC 6455 5.5).
    package static let maxControlBytes = 125

    /// Appends the header of an unmasked, unfragmented frame; `payloadCount` bytes must follow.
    @inline(__always)
    package static func appendHeader(_ opcode: WebSocketOpcode, payloadCount: Int, to writer: ByteWriter) {
        appendHeader(opcode, payloadCount: payloadCount, maskBit: 0, to: writer)
    }

    /// Appends the frame of a text message that consists of `prefix` and what `source` holds from `start` on, and
    /// returns where it ends.
    package static func appendText(
        prefix: UInt8, _ source: ByteWriter, from start: Int, to writer: ByteWriter
    ) -> Int {
        appendHeader(.text, payloadCount: source.count &- start &+ 1, to: writer)
        writer.append(prefix)
        writer.append(contentsOf: source, from: start)
        return writer.count
    }

    /// Appends the frame of a text message that consists of `prefix` and what `body` appends, and returns where it lies.
    ///
    /// - Parameter count: About how many bytes the message has. If they turn out to need a header of another size, it is
    ///   moved.
    package static func appendText(
        prefix: UInt8, ofAbout count: Int, to writer: ByteWriter, _ body: (ByteWriter) -> Void
    ) -> Range<Int> {
        let start = writer.count
        appendHeader(.text, payloadCount: count, to: writer)
        let size = writer.count &- start
        writer.append(prefix)
        body(writer)
        let count = writer.count &- start &- size
        if count < 126, size == 2 {
            writer[start &+ 1] = UInt8(truncatingIfNeeded: count)
        } else {
            completeLongHeader(at: start, size: size, payloadCount: count, in: writer)
        }
        return start..<writer.count
    }

    @inline(never)
    private static func completeLongHeader(at start: Int, size: Int, payloadCount count: Int, in writer: ByteWriter) {
        let needed = count < 126 ? 2 : count < 65536 ? 4 : 10
        if needed != size { writer.move(from: start &+ size, by: needed &- size) }
        writer[start &+ 1] = needed == 2 ? UInt8(truncatingIfNeeded: count) : needed == 4 ? 126 : 127
        for index in 2..<needed {
            writer[start &+ index] = UInt8(truncatingIfNeeded: count >> ((needed &- 1 &- index) * 8))
        }
    }

    /// What the header at `offset` says, which this has written for a server: how long it is, and how long the payload.
    package static func header(
        of bytes: Span<UInt8>, at offset: Int
    ) -> (opcode: WebSocketOpcode, headerCount: Int, payloadCount: Int) {
        guard let opcode = WebSocketOpcode(rawValue: bytes[offset] & 0x0F) else { preconditionFailure("no frame") }
        switch bytes[offset + 1] {
        case 126: return (opcode, 4, Int(bytes.bigEndian(at: offset + 2, as: UInt16.self)))
        case 127: return (opcode, 10, Int(bytes.bigEndian(at: offset + 2, as: Int64.self)))
        case let count: return (opcode, 2, Int(count))
        }
    }

    package static func appendFrame(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>, to writer: ByteWriter) {
        appendHeader(opcode, payloadCount: payload.count, to: writer)
        writer.append(payload)
    }

    /// Appends the frame of a message that is compressed (RFC 7692 6).
    ///
    /// - Parameter key: For a client.
    package static func appendCompressedFrame(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, maskedWith key: UInt32? = nil, to writer: ByteWriter
    ) {
        let start = writer.count
        if let key {
            appendFrame(opcode, payload, maskedWith: key, to: writer)
        } else {
            appendFrame(opcode, payload, to: writer)
        }
        writer[start] |= WebSocketFrameHeader.compressedBit
    }

    /// Appends a client's frame. The key must not be predictable for whoever chose the payload (RFC 6455 10.3).
    package static func appendFrame(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, maskedWith key: UInt32, to writer: ByteWriter
    ) {
        appendHeader(opcode, payloadCount: payload.count, maskBit: 0x80, to: writer)
        writer.append(UInt8(truncatingIfNeeded: key >> 24))
        writer.append(UInt8(truncatingIfNeeded: key >> 16))
        writer.append(UInt8(truncatingIfNeeded: key >> 8))
        writer.append(UInt8(truncatingIfNeeded: key))
        let start = writer.count
        writer.append(payload)
        writer.withMutableBytes(in: start..<writer.count) { bytes in
            Masking.apply(key, to: &bytes, in: 0..<bytes.count)
        }
    }

    /// Appends a close frame (RFC 6455 5.5.1).
    ///
    /// - Parameters:
    ///   - code: Nil for a frame without payload; the peer then reports 1005.
    ///   - reason: Cut after the last character that fits; void without a code.
    ///   - key: For a client.
    package static func appendClose(
        _ code: WebSocketCloseCode?, reason: String = "", maskedWith key: UInt32? = nil, to writer: ByteWriter
    ) {
        var payload: [UInt8] = []
        if let code {
            precondition(code.maySend)
            payload = [UInt8(truncatingIfNeeded: code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)]
            for scalar in reason.unicodeScalars {
                guard payload.count + UTF8.width(scalar) <= maxControlBytes else { break }
                payload.append(contentsOf: String(scalar).utf8)
            }
        }
        if let key {
            appendFrame(.close, payload.span, maskedWith: key, to: writer)
        } else {
            appendFrame(.close, payload.span, to: writer)
        }
    }

    @inline(__always)
    private static func appendHeader(
        _ opcode: WebSocketOpcode, payloadCount: Int, maskBit: UInt8, to writer: ByteWriter
    ) {
        precondition(payloadCount >= 0)
        let first = UInt64(0x80 | opcode.rawValue)
        let mask = UInt64(maskBit) << 8
        if payloadCount < 126 {
            writer.append(first | mask | UInt64(payloadCount) << 8, count: 2)
        } else if payloadCount < 65536 {
            let count = UInt16(payloadCount).byteSwapped
            writer.append(first | mask | 126 << 8 | UInt64(count) << 16, count: 4)
        } else {
            writer.append(first | mask | 127 << 8, count: 2)
            writer.append(UInt64(payloadCount).byteSwapped, count: 8)
        }
    }
}
