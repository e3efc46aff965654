/// Percent-encoding as in URLs and in HTML forms.
package enum PercentEncoding {
    /// The text that `bytes` stand for. Like `decodeURIComponent` but lenient, as Node's query parser is: a `%` that
    /// two hexadecimal digits do not follow stands for itself, and what is not UTF-8 becomes U+FFFD.
    ///
    /// - Parameter plusIsSpace: In a query, where forms write a space as `+`.
    package static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), bytes.count &- index > 2, let high = bytes[index &+ 1].hexValue,
                let low = bytes[index &+ 2].hexValue
            {
                decoded.append(high << 4 | low)
                index &+= 3
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index &+= 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
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
