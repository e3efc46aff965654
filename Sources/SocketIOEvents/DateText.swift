/// A time as JavaScript writes it: `2026-01-31T12:00:00.678Z` (ECMA-262 21.4.1.32), in milliseconds since 1970.
///
/// Whole numbers from one end to the other, so that a time that goes back and forth stays the same.
struct DateText {
    let milliseconds: Int64

    /// The times that JavaScript has: 100,000,000 days in either direction.
    private static let range: ClosedRange<Int64> = -8_640_000_000_000_000...8_640_000_000_000_000

    /// The time nearest to `seconds` since 1970; nil if JavaScript has none.
    init?(seconds: Double) {
        guard let milliseconds = Int64(exactly: (seconds * 1_000).rounded()), Self.range.contains(milliseconds) else {
            return nil
        }
        self.milliseconds = milliseconds
    }

    /// The time that `text` tells in the form above; nil if it is in another.
    init?(_ text: String) {
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
        // There is no 31st of February.
        guard CivilDate(days: date.days) == date else { return nil }
        let milliseconds = (((date.days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + fraction
        guard Self.range.contains(milliseconds) else { return nil }
        self.milliseconds = milliseconds
    }

    var seconds: Double { Double(milliseconds) / 1_000 }

    var description: String {
        let (days, time) = milliseconds.flooredDivision(by: 86_400_000)
        let date = CivilDate(days: days)
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

/// A day of the calendar that JavaScript has for all times, also those before it was introduced.
private struct CivilDate: Equatable {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    // Counted from the first of March of the year 0: then a leap day is the last of its year.
    private static let daysFromMarchTo1970: Int64 = 719_468
    private static let daysInFourCenturies: Int64 = 146_097
    private static let daysInCentury: Int64 = 36_524
    private static let daysInFourYears: Int64 = 1_461
    private static let daysInYear: Int64 = 365
    /// How many days of such a year come before each of its months.
    private static let daysBefore: [Int64] = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337]

    /// - Parameter days: Since the first of January 1970.
    init(days: Int64) {
        var (fourCenturies, rest) = (days + Self.daysFromMarchTo1970).flooredDivision(by: Self.daysInFourCenturies)
        // The last day of a period with a leap day more than others does not begin another.
        let centuries = min(rest / Self.daysInCentury, 3)
        rest -= centuries * Self.daysInCentury
        let fourYears = rest / Self.daysInFourYears
        rest -= fourYears * Self.daysInFourYears
        let years = min(rest / Self.daysInYear, 3)
        rest -= years * Self.daysInYear
        let place = (Self.daysBefore.firstIndex { $0 > rest } ?? Self.daysBefore.count) - 1
        fourCenturies *= 400
        year = fourCenturies + centuries * 100 + fourYears * 4 + years + (place >= 10 ? 1 : 0)
        month = Int64(place < 10 ? place + 3 : place - 9)
        day = rest - Self.daysBefore[place] + 1
    }

    /// Since the first of January 1970.
    var days: Int64 {
        let year = month < 3 ? year - 1 : year
        let place = Int(month < 3 ? month + 9 : month - 3)
        let (fourCenturies, rest) = year.flooredDivision(by: 400)
        return fourCenturies * Self.daysInFourCenturies + rest * Self.daysInYear + rest / 4 - rest / 100
            + Self.daysBefore[place] + day - 1 - Self.daysFromMarchTo1970
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

    mutating func number(_ count: Int, in range: ClosedRange<Int64>) -> Int64? {
        guard count <= bytes.count - index else { return nil }
        var number: Int64 = 0
        for _ in 0..<count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
            index += 1
        }
        return range.contains(number) ? number : nil
    }

    /// Four digits, or a sign and six.
    mutating func year() -> Int64? {
        if skip("+") { return number(6, in: 0...275_760) }
        if skip("-") { return number(6, in: 1...271_821).map { -$0 } }
        return number(4, in: 0...9_999)
    }
}

extension Int64 {
    /// The quotient that is not larger than the exact one, and the rest, which is not negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

extension String {
    fileprivate mutating func append(_ number: Int64, digits: Int) {
        let text = String(number)
        self += String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
    }
}
