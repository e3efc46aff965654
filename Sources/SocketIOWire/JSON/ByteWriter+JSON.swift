/// JSON as `JSON.stringify` writes it (ECMA-262 25.5.2): no spaces, the fewest escapes, the shortest digits.
extension ByteWriter {
    package func append(json value: Bool) {
        if value {
            append("true")
        } else {
            append("false")
        }
    }

    package func appendJSONNull() {
        append("null")
    }

    /// Writes all digits, also beyond 2^53, where a JavaScript peer rounds.
    package func append(json integer: some FixedWidthInteger) {
        append(decimal: integer)
    }

    /// Writes a number as `text` has it, or `null` if it is none.
    package func append(jsonNumber text: String) {
        let bytes = text.utf8.span
        let isNumber =
            !bytes.isEmpty && (bytes[0].isDigit || bytes[0] == UInt8(ascii: "-"))
            && (try? JSONScanner.skipNumber(bytes, at: 0)) == bytes.count
        if isNumber {
            append(bytes)
        } else {
            appendJSONNull()
        }
    }

    package func append(json text: String) {
        // SAFETY: the buffer is read within this call only.
        let isWritten: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe append(jsonUTF8: Span(_unsafeElements: $0))
        }
        if isWritten == nil { append(jsonUTF8: text.utf8.span) }
    }

    /// Writes `bytes`, which are UTF-8, between quotes and escaped.
    package func append(jsonUTF8 bytes: Span<UInt8>) {
        let end = appendQuoted(bytes)
        if end < bytes.count { appendEscaped(bytes, from: end) }
    }

    /// Writes the rest of a string and its closing quote.
    @inline(never)
    private func appendEscaped(_ bytes: Span<UInt8>, from start: Int) {
        var index = start
        while true {
            index = appendPlainJSON(bytes, from: index)
            guard index < bytes.count else { break }
            appendEscape(bytes[index])
            index &+= 1
        }
        append(UInt8(ascii: "\""))
    }

    private func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0x0F
            append(low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ low &- 10)
        }
    }

    /// Writes what stands for the attachment with this index (Protocol.md 4.3).
    package func appendPlaceholder(_ index: Int) {
        append(#"{"_placeholder":true,"num":"#)
        append(decimal: index)
        append(UInt8(ascii: "}"))
    }
}

/// Numbers as ECMA-262 6.1.6.1.20 (Number::toString) has them; those that are not finite are null.
extension ByteWriter {
    package func append(json number: Double) {
        // Whole numbers this small are their own shortest digits, and -0 is 0.
        if let whole = Int64(whole: number), whole.magnitude <= 1 << 53 { return append(decimal: whole) }
        guard number.isFinite else { return appendJSONNull() }
        if appendDecimal(number) { return }
        append(reformatting: number.description)
    }

    /// Writes a number that has up to eight decimals and fifteen digits; of others writes nothing.
    ///
    /// Most numbers that people write are such. No two of them are nearest to the same `Double`, so that the digits found
    /// are the shortest ones.
    private func appendDecimal(_ number: Double) -> Bool {
        let magnitude = number.magnitude
        // Smaller ones are written with an exponent.
        guard magnitude >= 1e-6, magnitude < 1e7 else { return false }
        let (parts, whole) = (UInt64(Int64(magnitude * 1e8 + 0.5)), UInt64(100_000_000))
        // The nearest double to the quotient, since both numbers are exact.
        guard Double(parts) / 1e8 == magnitude else { return false }
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: parts / whole)
        append(UInt8(ascii: "."))
        append(decimalsOf: parts % whole)
        return true
    }

    /// Writes the shortest digits that give this `Float` back, as Swift's other encoders do.
    package func append(json number: Float) {
        if let whole = Int64(whole: Double(number)), whole.magnitude <= 1 << 24 { return append(decimal: whole) }
        guard number.isFinite else { return appendJSONNull() }
        append(reformatting: number.description)
    }

    /// Writes a number whose Swift description, which has the right digits, is given.
    private func append(reformatting description: String) {
        var digits = InlineArray<24, UInt8>(repeating: UInt8(ascii: "0"))
        var count = 0
        var trailingZeros = 0
        /// Where the decimal point stands, counted from the first digit.
        var point = 0
        var seenPoint = false
        let text = description.utf8.span
        var index = 0
        if text[index] == UInt8(ascii: "-") {
            append(UInt8(ascii: "-"))
            index &+= 1
        }
        while index < text.count, text[index].isDigit || text[index] == UInt8(ascii: ".") {
            let byte = text[index]
            index &+= 1
            if byte == UInt8(ascii: ".") {
                seenPoint = true
            } else if byte == UInt8(ascii: "0") && count == 0 {
                if seenPoint { point &-= 1 }
            } else {
                digits[count] = byte
                count &+= 1
                trailingZeros = byte == UInt8(ascii: "0") ? trailingZeros &+ 1 : 0
                if !seenPoint { point &+= 1 }
            }
        }
        if index < text.count { point &+= exponent(text.extracting((index &+ 1)..<text.count)) }
        append(digits: digits.span.extracting(0..<(count &- trailingZeros)), point: point)
    }

    private func exponent(_ text: Span<UInt8>) -> Int {
        var exponent = 0
        for index in text.indices where text[index].isDigit {
            exponent = exponent &* 10 &+ Int(text[index] &- UInt8(ascii: "0"))
        }
        return text[0] == UInt8(ascii: "-") ? -exponent : exponent
    }

    /// The cases of Number::toString, in its order; `point` is its n.
    private func append(digits: Span<UInt8>, point: Int) {
        let count = digits.count
        if count <= point, point <= 21 {
            append(digits)
            for _ in count..<point { append(UInt8(ascii: "0")) }
        } else if 0 < point, point <= 21 {
            append(digits.extracting(0..<point))
            append(UInt8(ascii: "."))
            append(digits.extracting(point..<count))
        } else if -6 < point, point <= 0 {
            append("0.")
            for _ in point..<0 { append(UInt8(ascii: "0")) }
            append(digits)
        } else {
            append(digits[0])
            if count > 1 {
                append(UInt8(ascii: "."))
                append(digits.extracting(1..<count))
            }
            append(point > 0 ? "e+" : "e-")
            append(decimal: (point &- 1).magnitude)
        }
    }
}
