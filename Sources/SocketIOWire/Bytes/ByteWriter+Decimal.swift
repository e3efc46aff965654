// Decimal digits, eight at a time.

extension ByteWriter {
    /// Writes `number` in decimal digits.
    package func append(decimal number: some FixedWidthInteger) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        if let word = UInt64(exactly: magnitude) { return append(digitsOf: word) }
        // Of more than 64 bits.
        let (rest, digits) = magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        append(decimal: rest)
        append(EightDigits(UInt64(digits)).ascii, count: 8)
    }

    private func append(digitsOf number: UInt64) {
        guard number < 100_000_000 else {
            append(digitsOf: number / 100_000_000)
            append(EightDigits(number % 100_000_000).ascii, count: 8)
            return
        }
        let digits = EightDigits(number)
        let zeros = min(digits.leadingZeros, 7)
        append(digits.ascii >> UInt64(zeros &* 8), count: 8 &- zeros)
    }

    /// Writes the decimals, without zeros at their end, of a number of hundred-millionths, of which there is one or
    /// more, but fewer than make a whole.
    func append(decimalsOf hundredMillionths: UInt64) {
        let digits = EightDigits(hundredMillionths)
        append(digits.ascii, count: 8 &- digits.trailingZeros)
    }
}

/// The decimal digits of a number below 10^8: a byte for each, the first in the lowest bits.
private struct EightDigits {
    private let values: UInt64

    /// Halves the number three times: each step divides all parts that there are by multiplying them.
    @inline(__always)
    init(_ number: UInt64) {
        let halves = number / 10_000 | (number % 10_000) << 32
        // x * 10486 >> 20 is x / 100 for every x below 10^4, and x * 103 >> 10 is x / 10 for every x below 100.
        let hundreds = (halves &* 10_486) >> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds | (halves &- hundreds &* 100) << 16
        let tens = (pairs &* 103) >> 10 & 0x000F_000F_000F_000F
        values = tens | (pairs &- tens &* 10) << 8
    }

    var ascii: UInt64 { @inline(__always) get { values | UInt64(repeating: UInt8(ascii: "0")) } }
    var leadingZeros: Int { @inline(__always) get { values.trailingZeroBitCount / 8 } }
    var trailingZeros: Int { @inline(__always) get { values.leadingZeroBitCount / 8 } }
}
