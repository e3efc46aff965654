import SocketIOWire

extension CodecOperation {
    /// Packets of Socket.IO: an event with a text of 100 bytes.
    static func packets() throws -> [CodecOperation] {
        let text = String(repeating: "0123456789", count: 10)
        let packet = Array(#"2["echo","\#(text)"]"#.utf8)
        let limits = PacketLimits()
        let writer = ByteWriter()
        return [
            CodecOperation("packet-decode") { count in
                var sum = 0
                for _ in 0..<count {
                    let head = try PacketHead(parsing: packet.span, limits: limits)
                    let payload = try EventPayload(parsingEvent: packet.span, from: head.payloadStart, limits: limits)
                    var cursor = ArgumentList.Cursor()
                    guard let value = cursor.next(of: payload.arguments, in: packet.span) else { continue }
                    let bytes = packet.span.extracting(value.range)
                    sum += try JSONCoding.decode(
                        String.self, from: bytes, isPlainString: value.isPlainString, attachments: []
                    ).utf8.count
                }
                return sum
            },
            CodecOperation("packet-encode") { count in
                var sum = 0
                for _ in 0..<count {
                    writer.truncate(to: 0)
                    writer.appendPacketHead(.event, namespace: [])
                    writer.append("[")
                    writer.append(json: "echo")
                    writer.append(",")
                    writer.append(json: text)
                    writer.append("]")
                    sum += writer.count
                }
                return sum
            },
        ]
    }

    /// Frames of WebSocket.
    static func frames() throws -> [CodecOperation] {
        let payload = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
        let writer = ByteWriter()
        // A key that changes nothing costs what any key does, and lets the same frame be read again.
        let frame = ByteWriter()
        WebSocketWriter.appendFrame(.text, payload.span, maskedWith: 0, to: frame)
        return [
            CodecOperation("frame-read") { count in
                var sum = 0
                var reader = WebSocketReader(role: .server)
                for _ in 0..<count {
                    sum += try frame.withMutableBytes(in: 0..<frame.count) { bytes throws(WebSocketFailure) in
                        var cursor = 0
                        return try reader.nextText(&bytes, from: &cursor) == nil ? 0 : cursor
                    }
                }
                return sum
            },
            CodecOperation("frame-write") { count in
                var sum = 0
                for _ in 0..<count {
                    writer.truncate(to: 0)
                    WebSocketWriter.appendFrame(.text, payload.span, to: writer)
                    sum += writer.count
                }
                return sum
            },
            mask("mask-100", 100),
            mask("mask-64k", 1 << 16),
        ]
    }

    private static func mask(_ name: String, _ size: Int) -> CodecOperation {
        let bytes = ByteWriter()
        _ = bytes.reserve(size)
        return CodecOperation(name) { count in
            for _ in 0..<count {
                bytes.withMutableBytes(in: 0..<size) { _ = Masking.apply(0x37FA_213D, to: &$0, in: 0..<size) }
            }
            return count
        }
    }
}
