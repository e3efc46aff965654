/// The body of a polling request or response of Engine.IO 3 (Protocol.md 9.2): packets behind their lengths, in one of two
/// forms. In the first all of it is text, in the second each packet is text or bytes.
package struct EngineRevision3Payload: Sendable {
    private struct Frame: Sendable {
        let isText: Bool
        let range: Range<Int>
    }

    private let frames: [Frame]
    private var position = 0

    /// Finds the packets of `body`, before any of them is used. Its first byte says which form it has.
    package init(of body: Span<UInt8>, maxPackets: Int) throws(ProtocolViolation) {
        guard body.count > 0 else { throw ProtocolViolation(.malformed, "an empty payload") }
        frames = body[0] <= 1 ? try Self.mixedFrames(of: body, maxPackets) : try Self.textFrames(of: body, maxPackets)
    }

    /// The next packet of `body`, which is the same at every call; nil after the last one.
    package mutating func next(in body: Span<UInt8>) throws(ProtocolViolation) -> EnginePayload.Packet? {
        while position < frames.count {
            let frame = frames[position]
            position += 1
            if frame.isText { return try Self.decode(body, frame.range) }
            // Other types mean nothing as bytes, and the official server ignores them.
            if let bytes = EngineBinaryForm.untyped(body.extracting(frame.range)) { return .binary(bytes) }
        }
        return nil
    }

    private static func decode(_ body: Span<UInt8>, _ range: Range<Int>) throws(ProtocolViolation)
        -> EnginePayload.Packet
    {
        let content = range.dropFirst()
        if body[range.lowerBound] == EnginePayload.binaryMark {
            guard let bytes = bytes(ofText: body.extracting(range)) else {
                throw ProtocolViolation(.malformed, "bytes that are no message")
            }
            return .binary(bytes)
        }
        guard let type = EnginePacketType(rawValue: body[range.lowerBound]) else {
            throw ProtocolViolation(.malformed, "an unknown packet type")
        }
        return .text(type, content)
    }

    /// The bytes of a packet that is base64 behind `b4`; nil if it is another.
    package static func bytes(ofText packet: Span<UInt8>) -> [UInt8]? {
        guard packet.count > 1, packet[0] == EnginePayload.binaryMark,
            packet[1] == EnginePacketType.message.rawValue
        else { return nil }
        return Base64.decodeForgiving(packet.extracting(2..<packet.count))
    }

    // MARK: Finding packets

    /// `<length>:<packet>`, the length in UTF-16 code units.
    private static func textFrames(of body: Span<UInt8>, _ maxPackets: Int) throws(ProtocolViolation) -> [Frame] {
        try body.requireText()
        var frames: [Frame] = []
        var cursor = 0
        while cursor < body.count {
            let units = try length(in: body, &cursor, zero: UInt8(ascii: "0"), end: UInt8(ascii: ":"))
            guard let end = body.end(ofUTF16: units, from: cursor) else {
                throw ProtocolViolation(.malformed, "a length that is not the packet's")
            }
            guard frames.count < maxPackets else { throw tooMany }
            frames.append(Frame(isText: true, range: cursor..<end))
            cursor = end
        }
        // What has no content is no packet, as with the official server.
        return frames.filter { !$0.range.isEmpty }
    }

    /// 0 for text or 1 for bytes, the digits of the length as numbers, 255, and so many bytes.
    private static func mixedFrames(of body: Span<UInt8>, _ maxPackets: Int) throws(ProtocolViolation) -> [Frame] {
        var frames: [Frame] = []
        var cursor = 0
        while cursor < body.count {
            guard body[cursor] <= 1 else { throw ProtocolViolation(.malformed, "neither text nor bytes") }
            let isText = body[cursor] == 0
            cursor += 1
            let count = try length(in: body, &cursor, zero: 0, end: 0xFF)
            guard count <= body.count - cursor else {
                throw ProtocolViolation(.malformed, "a length that is not the packet's")
            }
            guard frames.count < maxPackets else { throw tooMany }
            let range = cursor..<cursor + count
            if isText {
                guard count > 0 else { throw ProtocolViolation(.malformed, "an empty packet") }
                try body.extracting(range).requireText()
            }
            frames.append(Frame(isText: isText, range: range))
            cursor += count
        }
        return frames
    }

    private static var tooMany: ProtocolViolation { ProtocolViolation(.tooBig, "too many packets in a payload") }

    /// The number at `cursor`, which goes behind its end.
    private static func length(
        in body: Span<UInt8>, _ cursor: inout Int, zero: UInt8, end: UInt8
    ) throws(ProtocolViolation) -> Int {
        let start = cursor
        var value = 0
        while cursor < body.count, body[cursor] != end {
            let digit = body[cursor] &- zero
            guard digit <= 9, value <= body.count else {
                throw ProtocolViolation(.malformed, "a length that is none")
            }
            value = value * 10 + Int(digit)
            cursor += 1
        }
        guard cursor < body.count, cursor > start else {
            throw ProtocolViolation(.malformed, "a packet without length")
        }
        cursor += 1
        return value
    }
}

extension EngineRevision3Payload {
    /// Writes `packets` as one body. True if it has the form with bytes: where there are some, and the client takes them.
    static func append(_ packets: [EnginePacket], asText: Bool, to writer: ByteWriter) -> Bool {
        let isMixed = !asText && packets.contains(where: \.isBinary)
        for packet in packets {
            if isMixed { appendMixed(packet, to: writer) } else { appendText(packet, to: writer) }
        }
        return isMixed
    }

    private static func appendText(_ packet: EnginePacket, to writer: ByteWriter) {
        switch packet {
        case .text(let type, let content):
            writer.append(decimal: content.span.utf16Count + 1)
            writer.append(UInt8(ascii: ":"))
            writer.append(type.rawValue)
            writer.append(content)
        case .binary(let bytes):
            writer.append(decimal: (bytes.count + 2) / 3 * 4 + 2)
            writer.append(":b4")
            Base64.encode(bytes.span, into: writer)
        }
    }

    private static func appendMixed(_ packet: EnginePacket, to writer: ByteWriter) {
        switch packet {
        case .text(let type, let content):
            appendHead(0, count: content.count + 1, to: writer)
            writer.append(type.rawValue)
            writer.append(content)
        case .binary(let bytes):
            appendHead(1, count: bytes.count + 1, to: writer)
            writer.append(EngineBinaryForm.messageType)
            writer.append(bytes)
        }
    }

    private static func appendHead(_ mark: UInt8, count: Int, to writer: ByteWriter) {
        writer.append(mark)
        for digit in String(count).utf8 { writer.append(digit - UInt8(ascii: "0")) }
        writer.append(0xFF as UInt8)
    }
}

extension EnginePacket {
    fileprivate var isBinary: Bool {
        switch self {
        case .text: false
        case .binary: true
        }
    }
}

// Lengths in UTF-16, of what is UTF-8.
extension Span where Element == UInt8 {
    /// Where so many code units from `start` on end; nil if there are fewer, or if the last is half of a character.
    fileprivate func end(ofUTF16 units: Int, from start: Int) -> Int? {
        guard units <= count - start else { return nil }
        var index = start
        var left = units
        while left > 0 {
            while left >= 8, index + 8 <= count, word(at: index).isASCII {
                index += 8
                left -= 8
            }
            guard left > 0 else { break }
            guard index < count else { return nil }
            switch self[index] {
            case ..<0x80: index += 1
            case ..<0xE0: index += 2
            case ..<0xF0: index += 3
            default:
                index += 4
                left -= 1
            }
            left -= 1
        }
        return left == 0 ? index : nil
    }

    fileprivate var utf16Count: Int {
        var units = 0
        var index = 0
        while index < count {
            if index + 8 <= count, word(at: index).isASCII {
                units += 8
                index += 8
            } else {
                // Bytes that follow in a character count nothing, and those of four bytes are two units.
                let byte = self[index]
                if byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
                index += 1
            }
        }
        return units
    }
}
