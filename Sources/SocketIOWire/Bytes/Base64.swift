/// Base64 (RFC 4648): the standard alphabet for binary packets over polling, the URL alphabet for ids.
package enum Base64 {
    private static let standard: InlineArray<64, UInt8> = alphabet(endingWith: UInt8(ascii: "+"), UInt8(ascii: "/"))
    private static let urlSafe: InlineArray<64, UInt8> = alphabet(endingWith: UInt8(ascii: "-"), UInt8(ascii: "_"))
    private static let invalid: UInt8 = 0xFF
    private static let values: InlineArray<256, UInt8> = {
        var values = InlineArray<256, UInt8>(repeating: invalid)
        for index in 0..<64 { values[Int(standard[index])] = UInt8(index) }
        return values
    }()

    private static let urlSafeValues: InlineArray<256, UInt8> = {
        var values = InlineArray<256, UInt8>(repeating: invalid)
        for index in 0..<64 { values[Int(urlSafe[index])] = UInt8(index) }
        return values
    }()

    /// Of the characters of both alphabets.
    private static let anyValues: InlineArray<256, UInt8> = {
        var both = values
        for index in 62..<64 { both[Int(urlSafe[index])] = UInt8(index) }
        return both
    }()

    private static func alphabet(endingWith plus: UInt8, _ slash: UInt8) -> InlineArray<64, UInt8> {
        InlineArray<64, UInt8> { index in
            switch index {
            case 0..<26: UInt8(ascii: "A") + UInt8(index)
            case 26..<52: UInt8(ascii: "a") + UInt8(index - 26)
            case 52..<62: UInt8(ascii: "0") + UInt8(index - 52)
            case 62: plus
            default: slash
            }
        }
    }

    /// Appends the standard encoding of `bytes`, padded, to `writer`.
    package static func encode(_ bytes: Span<UInt8>, into writer: ByteWriter) {
        let alphabet = standard
        var target = writer.reserve((bytes.count &+ 2) / 3 &* 4)
        var index = 0
        while index &+ 3 <= bytes.count {
            let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index &+ 1]) << 8 | UInt32(bytes[index &+ 2])
            writer[target] = alphabet[Int(group >> 18)]
            writer[target &+ 1] = alphabet[Int(group >> 12 & 63)]
            writer[target &+ 2] = alphabet[Int(group >> 6 & 63)]
            writer[target &+ 3] = alphabet[Int(group & 63)]
            index &+= 3
            target &+= 4
        }
        let rest = bytes.count &- index
        guard rest > 0 else { return }
        let group = UInt32(bytes[index]) << 16 | (rest == 2 ? UInt32(bytes[index &+ 1]) << 8 : 0)
        writer[target] = alphabet[Int(group >> 18)]
        writer[target &+ 1] = alphabet[Int(group >> 12 & 63)]
        writer[target &+ 2] = rest == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
        writer[target &+ 3] = UInt8(ascii: "=")
    }

    /// The bytes that `text` encodes, or nil if it is not base64.
    ///
    /// Padding may be missing, as in Node's decoder; nothing else is forgiven.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var end = text.count
        if end % 4 == 0, end > 0, text[end &- 1] == UInt8(ascii: "=") {
            end &-= text[end &- 2] == UInt8(ascii: "=") ? 2 : 1
        }
        guard end % 4 != 1 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(end / 4 &* 3 &+ 2)
        var group: UInt32 = 0
        var seen: UInt8 = 0
        for index in 0..<end {
            let value = values[Int(text[index])]
            seen |= value
            group = group << 6 | UInt32(value & 63)
            if index & 3 == 3 {
                output.append(UInt8(truncatingIfNeeded: group >> 16))
                output.append(UInt8(truncatingIfNeeded: group >> 8))
                output.append(UInt8(truncatingIfNeeded: group))
            }
        }
        // Only `invalid` has the high bit.
        guard seen & 0x80 == 0 else { return nil }
        switch end & 3 {
        case 2:
            output.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            output.append(UInt8(truncatingIfNeeded: group >> 10))
            output.append(UInt8(truncatingIfNeeded: group >> 2))
        default: break
        }
        return output
    }

    /// The bytes that `text` encodes, read as the official server does (Node's `Buffer.from`), which never refuses: in
    /// either alphabet, up to the first `=` or the end. Line breaks and all other characters are skipped, and so is a
    /// last character that is not enough for a byte.
    package static func decodeForgiving(_ text: Span<UInt8>) -> [UInt8] {
        // Nearly everybody writes it plainly.
        if let bytes = decode(text) { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 &* 3 &+ 2)
        var bits: UInt32 = 0
        var held = 0
        for index in text.indices {
            guard text[index] != UInt8(ascii: "=") else { break }
            let value = anyValues[Int(text[index])]
            guard value != invalid else { continue }
            bits = bits << 6 | UInt32(value)
            held &+= 6
            if held >= 8 {
                held &-= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return output
    }

    /// The six bits that a character of the URL-safe alphabet stands for; nil for any other byte.
    package static func urlSafeValue(of character: UInt8) -> UInt8? {
        let value = urlSafeValues[Int(character)]
        return value == invalid ? nil : value
    }

    /// The URL-safe encoding of `bytes` without padding, as used in session and socket ids.
    package static func urlSafeText(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count &* 4 &+ 2) / 3)
        var bits: UInt32 = 0
        var held = 0
        for index in bytes.indices {
            bits = bits << 8 | UInt32(bytes[index])
            held &+= 8
            while held >= 6 {
                held &-= 6
                text.append(urlSafe[Int(bits >> UInt32(held) & 63)])
            }
        }
        if held > 0 { text.append(urlSafe[Int(bits << UInt32(6 &- held) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
