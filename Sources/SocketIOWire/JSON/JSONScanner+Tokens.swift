extension JSONScanner {
    /// The string whose opening quote is at `offset`; returns the offset after its closing quote.
    @inline(__always)
    static func scanString(
        _ bytes: Span<UInt8>, at offset: Int, isKey: Bool = false, into sink: inout some JSONSink
    ) throws(JSONError) -> Int {
        let start = offset &+ 1
        var index = start
        var isEscaped = false
        while true {
            index = bytes.endOfPlainJSON(from: index)
            guard index < bytes.count else { throw JSONError(.truncated, at: index) }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                if isKey {
                    sink.key(start..<index, isEscaped: isEscaped)
                } else {
                    sink.string(start..<index, isEscaped: isEscaped)
                }
                return index &+ 1
            }
            // RFC 8259 7: control characters must be escaped.
            guard byte == UInt8(ascii: "\\") else { throw JSONError(.malformed, at: index) }
            isEscaped = true
            index = try skipEscape(bytes, at: index)
        }
    }

    /// The escape whose backslash is at `offset`; returns the offset after it.
    private static func skipEscape(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        guard offset &+ 1 < bytes.count else { throw JSONError(.truncated, at: bytes.count) }
        switch bytes[offset &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return offset &+ 2
        case UInt8(ascii: "u"):
            for index in (offset &+ 2)..<(offset &+ 6) {
                guard index < bytes.count else { throw JSONError(.truncated, at: index) }
                guard bytes[index].hexDigitValue != nil else { throw JSONError(.malformed, at: index) }
            }
            // A lone surrogate is well formed (RFC 8259 8.2), and JSON.parse takes it.
            return offset &+ 6
        default:
            throw JSONError(.malformed, at: offset &+ 1)
        }
    }

    /// The number that begins at `offset`, with a digit or a minus; returns the offset after it.
    @inline(__always)
    static func skipNumber(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        var index = offset
        if bytes[index] == UInt8(ascii: "-") { index &+= 1 }
        // RFC 8259 6: no leading zeros.
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index &+= 1
        } else {
            index = try skipDigits(bytes, at: index)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index = try skipDigits(bytes, at: index &+ 1)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index &+= 1
            }
            index = try skipDigits(bytes, at: index)
        }
        return index
    }

    @inline(__always)
    private static func skipDigits(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> Int {
        guard offset < bytes.count else { throw JSONError(.truncated, at: offset) }
        guard bytes[offset].isDigit else { throw JSONError(.malformed, at: offset) }
        var index = offset &+ 1
        while index < bytes.count, bytes[index].isDigit { index &+= 1 }
        return index
    }

    @inline(__always)
    static func skipLiteral(
        _ literal: StaticString, _ bytes: Span<UInt8>, at offset: Int
    ) throws(JSONError) -> Int {
        let end = offset &+ literal.utf8CodeUnitCount
        guard end <= bytes.count else { throw JSONError(.truncated, at: bytes.count) }
        guard bytes.extracting(offset..<end).equals(literal) else { throw JSONError(.malformed, at: offset) }
        return end
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
