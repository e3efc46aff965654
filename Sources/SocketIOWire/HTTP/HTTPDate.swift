/// The field `Date` of a response (RFC 9110 6.6.1), as it goes on the wire.
package struct HTTPDate: Sendable, Equatable {
    let line: [UInt8]

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: Since the beginning of 1970, UTC.
    package init(secondsSince1970 seconds: Int) {
        let days = seconds.quotient(roundedDownBy: 86_400)
        let second = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        let weekday = Self.days[days - days.quotient(roundedDownBy: 7) * 7]
        let time = [second / 3600, second / 60 % 60, second % 60].map(Self.twoDigits).joined(separator: ":")
        line = Array(
            "Date: \(weekday), \(Self.twoDigits(date.day)) \(Self.months[date.month - 1]) \(date.year) \(time) GMT\r\n"
                .utf8)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
