/// A time as JavaScript writes it: `2026-01-31T12:00:00.678Z` (ECMA-262 21.4.1.32), in milliseconds since 1970.
///
/// Whole numbers from one end to the other, so that a time that goes back and forth stays the same.
package struct ISODate: CustomStringConvertible {
    package let milliseconds: Int64

    /// The times that JavaScript has: 100,000,000 days in either direction.
    private static let range: ClosedRange<Int64> = -8_640_000_000_000_000...8_640_000_000_000_000

    /// Nil if JavaScript has no such time.
    package init?(millisecondsSince1970 milliseconds: Int64) {
        guard Self.range.contains(milliseconds) else { return nil }
        self.milliseconds = milliseconds
    }

    /// The time nearest to `seconds` since 1970; nil if JavaScript has none.
    package init?(seconds: Double) {
        guard let milliseconds = Int64(exactly: (seconds * 1_000).rounded()) else { return nil }
        self.init(millisecondsSince1970: milliseconds)
    }

    /// The time that `text` tells in the form above; nil if it is in another.
    package init?(_ text: String) {
        var digits = Digits(text.utf8.span)
        guard let year = digits.year(), digits.skip("-"),
            let month = digits.number(2, in: 1...12), digits.skip("-"),
            let day = digits.number(2, in: 1...31), digits.skip("T"),
            let hour = digits.number(2, in: 0...23), digits.skip(":"),
            let minute = digits.number(2, in: 0...59), digits.skip(":"),
            let second = digits.number(2, in: 0...59), digits.skip("."),
            let fraction = digits.number(3, in: 0...999), digits.skip("Z"), digits.isAtEnd
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        let days = date.daysSince1970
        // There is no 31st of February.
        guard CivilDate(daysSince1970: days) == date else { return nil }
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
        self.init(millisecondsSince1970: Int64(seconds) * 1_000 + Int64(fraction))
    }

    package var seconds: Double { Double(milliseconds) / 1_000 }

    package var description: String {
        let all = Int(milliseconds)
        let days = all.quotient(roundedDownBy: 86_400_000)
        let time = all - days * 86_400_000
        let date = CivilDate(daysSince1970: days)
        var text = ""
        if (0...9_999).contains(date.year) {
            text.append(date.year, digits: 4)
        } else {
            text += date.year < 0 ? "-" : "+"
            text.append(abs(date.year), digits: 6)
        }
        for (mark, number, digits) in [
            ("-", date.month, 2), ("-", date.day, 2), ("T", time / 3_600_000, 2), (":", time / 60_000 % 60, 2),
            (":", time / 1_000 % 60, 2), (".", time % 1_000, 3),
        ] {
            text += mark
            text.append(number, digits: digits)
        }
        return text + "Z"
    }
}

/// Reads numbers of so many digits.
private struct Digits: ~Escapable {
    private let bytes: Span<UInt8>
    private var index = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    mutating func number(_ count: Int, in range: ClosedRange<Int>) -> Int? {
        guard count <= bytes.count - index else { return nil }
        var number = 0
        for _ in 0..<count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
            index += 1
        }
        return range.contains(number) ? number : nil
    }

    /// Four digits, or a sign and six.
    mutating func year() -> Int? {
        if skip("+") { return number(6, in: 0...275_760) }
        if skip("-") { return number(6, in: 1...271_821).map { -$0 } }
        return number(4, in: 0...9_999)
    }
}

extension String {
    fileprivate mutating func append(_ number: Int, digits: Int) {
        let text = String(number)
        self += String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
    }
}
