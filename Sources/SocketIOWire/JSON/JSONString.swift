/// The text of JSON strings, given the bytes between their quotes.
package enum JSONString {
    /// The text of a string that the scanner has accepted.
    package static func decode(_ bytes: Span<UInt8>) -> String {
        guard bytes.firstIndex(of: UInt8(ascii: "\\")) == nil else { return decode(escaped: bytes) }
        return text(bytes)
    }

    /// The bytes with every escape replaced by what it stands for.
    ///
    /// A lone surrogate has no UTF-8 form and becomes U+FFFD, as it does when JavaScript writes it to a socket.
    package static func unescape(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            // SAFETY: the buffer has room for `bytes.count`, and the first `count` bytes of it are then written.
            unsafe count = unescape(bytes, to: output)
        }
    }

    /// Whether the string's text is that of `other`.
    package static func equals(_ bytes: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        if bytes.equals(other) { return bytes.firstIndex(of: UInt8(ascii: "\\")) == nil }
        // An escape is longer than what it stands for.
        guard bytes.count > other.count, bytes.firstIndex(of: UInt8(ascii: "\\")) != nil else { return false }
        return unescape(bytes).span.equals(other)
    }

    static func decode(escaped bytes: Span<UInt8>) -> String {
        unsafe String(unsafeUninitializedCapacity: bytes.count) { output in
            // SAFETY: the buffer has room for `bytes.count`; String repairs what is not UTF-8.
            unsafe unescape(bytes, to: output)
        }
    }

    /// The text of bytes without escapes.
    @inline(__always)
    static func text(_ bytes: Span<UInt8>) -> String {
        // Short texts are kept within the String. It repairs what is not UTF-8.
        if bytes.count <= 15 {
            return unsafe String(unsafeUninitializedCapacity: bytes.count) { output in
                // SAFETY: the buffer has room for `bytes.count`.
                unsafe bytes.withUnsafeBufferPointer { bytes in unsafe _ = output.update(fromContentsOf: bytes) }
                return bytes.count
            }
        }
        // SAFETY: ASCII is UTF-8.
        if bytes.isASCII { return unsafe String(copying: UTF8Span(unchecked: bytes, isKnownASCII: true)) }
        // The message was checked before, so the second branch is for callers that did not.
        return String(validating: bytes) ?? String(decoding: [UInt8](bytes), as: UTF8.self)
    }

    /// Writes to `output`, which must have room for as many bytes as `bytes` has, and returns how many it wrote.
    ///
    /// That is room enough, because every escape is longer than what it stands for.
    @unsafe private static func unescape(_ bytes: Span<UInt8>, to output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        var index = 0
        unsafe bytes.withUnsafeBufferPointer { input in
            while index < bytes.count {
                let backslash = bytes.firstIndex(of: UInt8(ascii: "\\"), from: index) ?? bytes.count
                // SAFETY: `count <= index` at every turn, so what is copied ends within both buffers; and slices check.
                let run = unsafe input[index..<backslash]
                unsafe _ = output[count..<(count &+ run.count)].update(fromContentsOf: run)
                count &+= backslash &- index
                guard backslash < bytes.count else { break }
                index = Self.escape(in: bytes, at: backslash) { byte in
                    // SAFETY: the subscript is checked in debug builds; `count < index` as an escape has two bytes
                    // or more and gives fewer than it has.
                    unsafe output[count] = byte
                    count &+= 1
                }
            }
        }
        return count
    }

    /// Gives what the escape at `offset` stands for, nothing if it is malformed, and returns the offset after it.
    @inline(__always)
    private static func escape(in bytes: Span<UInt8>, at offset: Int, _ give: (UInt8) -> Void) -> Int {
        guard offset &+ 1 < bytes.count else { return bytes.count }
        let byte = bytes[offset &+ 1]
        switch byte {
        case UInt8(ascii: "b"): give(0x08)
        case UInt8(ascii: "f"): give(0x0C)
        case UInt8(ascii: "n"): give(0x0A)
        case UInt8(ascii: "r"): give(0x0D)
        case UInt8(ascii: "t"): give(0x09)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(in: bytes, at: offset) else { break }
            var end = offset &+ 6
            var scalar = Unicode.Scalar(unit)
            if UTF16.isLeadSurrogate(unit), let trail = codeUnit(in: bytes, at: end), UTF16.isTrailSurrogate(trail) {
                scalar = Unicode.Scalar(0x1_0000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)))
                end &+= 6
            }
            for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { give(byte) }
            return end
        default: give(byte)
        }
        return offset &+ 2
    }

    /// The UTF-16 code unit of a `\uXXXX` at `offset`, or nil if there is none.
    private static func codeUnit(in bytes: Span<UInt8>, at offset: Int) -> UInt16? {
        guard offset &+ 6 <= bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset &+ 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt16 = 0
        for index in (offset &+ 2)..<(offset &+ 6) {
            guard let digit = bytes[index].hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
