/// Percent-encoding as in URLs and in HTML forms.
package enum PercentEncoding {
    /// The text that `bytes` stand for. Like `decodeURIComponent` but lenient, as Node's query parser is: a `%` that
    /// two hexadecimal digits do not follow stands for itself, and what is not UTF-8 becomes U+FFFD.
    ///
    /// - Parameter plusIsSpace: In a query, where forms write a space as `+`.
    package static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool) -> String {
        decode(bytes, plusIsSpace, keepsSlashes: false)
    }

    /// The same of a path. `%2F` stays as it is: it is part of a name, and no separator (RFC 3986 2.2).
    package static func decodePath(_ bytes: Span<UInt8>) -> String {
        decode(bytes, false, keepsSlashes: true)
    }

    private static func decode(_ bytes: Span<UInt8>, _ plusIsSpace: Bool, keepsSlashes: Bool) -> String {
        let isPlain =
            bytes.firstIndex(of: UInt8(ascii: "%")) == nil
            && (!plusIsSpace || bytes.firstIndex(of: UInt8(ascii: "+")) == nil)
        if isPlain { return String(repairing: bytes) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let start = index
            let byte = byte(in: bytes, at: &index, plusIsSpace)
            if keepsSlashes, byte == UInt8(ascii: "/") {
                decoded.append(bytes.extracting(start..<index))
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Whether `bytes` stand for `text`, byte by byte.
    static func stands(_ bytes: Span<UInt8>, for text: Span<UInt8>, plusIsSpace: Bool) -> Bool {
        // None stands for more than itself.
        guard bytes.count >= text.count else { return false }
        var index = 0
        for position in text.indices {
            guard index < bytes.count, byte(in: bytes, at: &index, plusIsSpace) == text[position] else { return false }
        }
        return index == bytes.count
    }

    /// The byte that what is at `index` stands for; then `index` is behind it.
    @inline(__always)
    private static func byte(in bytes: Span<UInt8>, at index: inout Int, _ plusIsSpace: Bool) -> UInt8 {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%"), bytes.count &- index > 2, let high = bytes[index &+ 1].hexValue,
            let low = bytes[index &+ 2].hexValue
        {
            index &+= 3
            return high << 4 | low
        }
        index &+= 1
        return plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit.
    @inline(__always)
    package var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
