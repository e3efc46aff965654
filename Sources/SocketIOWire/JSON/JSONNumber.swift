/// A JSON number taken apart: `digits` times ten to the power of `exponent`, exactly, if it fits.
struct JSONNumber {
    private(set) var isNegative = false
    /// The significant digits, without zeros at either end.
    private(set) var digits: UInt64 = 0
    private(set) var exponent = 0
    /// Whether `digits` overflowed, so that only the text has the value.
    private(set) var isTruncated = false

    /// Takes a number apart that the scanner has accepted.
    init(_ bytes: Span<UInt8>) {
        var index = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") {
            isNegative = true
            index &+= 1
        }
        var zeros = 0
        var scale = 0
        var inFraction = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte.isDigit {
                if inFraction { scale &-= 1 }
                if byte == UInt8(ascii: "0") {
                    zeros &+= 1
                } else {
                    append(byte &- UInt8(ascii: "0"), afterZeros: zeros)
                    zeros = 0
                }
            } else if byte == UInt8(ascii: ".") {
                inFraction = true
            } else {
                break
            }
            index &+= 1
        }
        exponent = digits == 0 && !isTruncated ? 0 : scale &+ zeros &+ Self.exponent(bytes, from: index &+ 1)
    }

    @inline(__always)
    private mutating func append(_ digit: UInt8, afterZeros zeros: Int) {
        if digits == 0, !isTruncated {
            digits = UInt64(digit)
            return
        }
        // Twenty digits are more than 64 bits can hold.
        guard zeros < 20, !isTruncated else { return isTruncated = true }
        for _ in 0...zeros {
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            if overflow { return isTruncated = true }
            digits = product
        }
        let (sum, overflow) = digits.addingReportingOverflow(UInt64(digit))
        if overflow { return isTruncated = true }
        digits = sum
    }

    private static func exponent(_ bytes: Span<UInt8>, from offset: Int) -> Int {
        var index = offset
        guard index < bytes.count else { return 0 }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative || bytes[index] == UInt8(ascii: "+") { index &+= 1 }
        var exponent = 0
        while index < bytes.count {
            // Beyond any message's length, which bounds how much the digits can make up for; and far from overflow.
            if exponent < 1 << 48 { exponent = exponent &* 10 &+ Int(bytes[index] &- UInt8(ascii: "0")) }
            index &+= 1
        }
        return isNegative ? -exponent : exponent
    }

    /// The value if it is a whole number in the range of `Integer`: `3`, `3.0` and `30e-1` are all 3.
    func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        // The digits do not end in zero, so a negative exponent leaves a fraction.
        guard !isTruncated, exponent >= 0, exponent < 20 else { return nil }
        var magnitude = digits
        for _ in 0..<exponent {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            magnitude = product
        }
        guard isNegative else {
            let value = Integer(truncatingIfNeeded: magnitude)
            return value >= 0 && UInt64(truncatingIfNeeded: value) == magnitude ? value : nil
        }
        guard magnitude <= Int64.min.magnitude else { return nil }
        return Self.narrow(Int64(truncatingIfNeeded: 0 &- magnitude))
    }

    /// The value of a short run of digits, which is what most numbers are; nil for any other text.
    static func short<Integer: FixedWidthInteger>(_: Integer.Type, _ bytes: Span<UInt8>) -> Integer? {
        let count = bytes.count
        guard count <= 18 else { return nil }
        var magnitude: Int64 = 0
        var index = 0
        while index < count {
            guard bytes[index].isDigit else { return nil }
            magnitude = magnitude &* 10 &+ Int64(bytes[index] &- UInt8(ascii: "0"))
            index &+= 1
        }
        return narrow(magnitude)
    }

    @inline(__always)
    private static func narrow<Integer: FixedWidthInteger>(_ value: Int64) -> Integer? {
        let narrow = Integer(truncatingIfNeeded: value)
        return Int64(truncatingIfNeeded: narrow) == value && (narrow < 0) == (value < 0) ? narrow : nil
    }

    /// The whole number in the range of `Integer` that the text of a number is, or nil.
    @inline(__always)
    static func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, _ bytes: Span<UInt8>) -> Integer? {
        short(type, bytes) ?? JSONNumber(bytes).integer(type)
    }

    /// The value if two exactly represented numbers and one correctly rounded operation give it (Clinger's fast path).
    var exactDouble: Double? {
        guard !isTruncated, digits <= 1 << 53, -22 <= exponent, exponent <= 22 else { return nil }
        let whole = Double(digits)
        let magnitude = exponent < 0 ? whole / Self.powersOfTen[-exponent] : whole * Self.powersOfTen[exponent]
        return isNegative ? -magnitude : magnitude
    }

    /// The value of a few digits with a point, which is what most numbers are; nil for any other text.
    private static func shortDouble(_ bytes: Span<UInt8>) -> Double? {
        let count = bytes.count
        // Fifteen digits are below 2^53, and with a sign and a point these are seventeen bytes.
        guard count <= 17 else { return nil }
        var index = 0
        let isNegative = count > 0 && bytes[0] == UInt8(ascii: "-")
        if isNegative { index &+= 1 }
        var digits: UInt64 = 0
        var afterPoint: Int?
        while index < count {
            let byte = bytes[index]
            index &+= 1
            if byte.isDigit {
                digits = digits &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
            } else if byte == UInt8(ascii: "."), afterPoint == nil {
                afterPoint = index
            } else {
                return nil
            }
        }
        guard digits <= 1 << 53 else { return nil }
        let magnitude = Double(digits) / powersOfTen[afterPoint.map { count &- $0 } ?? 0]
        return isNegative ? -magnitude : magnitude
    }

    private static let powersOfTen: InlineArray<23, Double> = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The double nearest to a number that the scanner has accepted; infinite if it is too large for one.
    static func double(_ bytes: Span<UInt8>) -> Double {
        if let short = shortDouble(bytes) { return short }
        if let exact = JSONNumber(bytes).exactDouble { return exact }
        return Double(JSONString.text(bytes)) ?? .nan
    }
}

extension Int64 {
    /// The whole number that `number` is, if it is one of this type.
    ///
    /// `Int64(exactly:)` would do, but calls libm, which a module that imports no C library does not link.
    init?(whole number: Double) {
        // The bounds are powers of two, so they are exact; a NaN fails both comparisons.
        guard number >= -0x1p63, number < 0x1p63 else { return nil }
        self.init(number)
        guard Double(self) == number else { return nil }
    }
}
