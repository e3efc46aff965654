/// The field `Date` of a response (RFC 9110 6.6.1), as it goes on the wire.
package struct HTTPDate: Sendable, Equatable {
    let line: [UInt8]

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: Since the beginning of 1970, UTC.
    package init(secondsSince1970 seconds: Int) {
        let days = seconds.quotient(roundedDownBy: 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = Self.date(afterDays: days)
        let weekday = Self.days[days - days.quotient(roundedDownBy: 7) * 7]
        let time = [second / 3600, second / 60 % 60, second % 60].map(Self.twoDigits).joined(separator: ":")
        line = Array(
            "Date: \(weekday), \(Self.twoDigits(day)) \(Self.months[month - 1]) \(year) \(time) GMT\r\n".utf8)
    }

    /// The date so many days after the beginning of 1970. Counted in years that begin in March, whose leap day is the
    /// last, and in eras of 400 years, which are all of one length.
    private static func date(afterDays days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceYearZero = days + 719_468
        let era = sinceYearZero.quotient(roundedDownBy: 146_097)
        let dayOfEra = sinceYearZero - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension Int {
    fileprivate func quotient(roundedDownBy divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}
