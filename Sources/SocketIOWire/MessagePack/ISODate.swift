/// A moment as JavaScript's `toISOString` writes it.
package struct ISODate: CustomStringConvertible {
    package let description: String

    /// Nil if JavaScript has no such date.
    package init?(millisecondsSince1970 milliseconds: Int64) {
        guard milliseconds.magnitude <= 8_640_000_000_000_000 else { return nil }
        let all = Int(milliseconds)
        let days = all.quotient(roundedDownBy: 86_400_000)
        let rest = all - days * 86_400_000
        let date = CivilDate(daysSince1970: days)
        let year =
            switch date.year {
            case 0...9_999: Self.digits(date.year, 4)
            case ..<0: "-" + Self.digits(-date.year, 6)
            default: "+" + Self.digits(date.year, 6)
            }
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { Self.digits($0, 2) }
        description =
            "\(year)-\(Self.digits(date.month, 2))-\(Self.digits(date.day, 2))T\(time.joined(separator: ":")).\(Self.digits(rest % 1_000, 3))Z"
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(count - text.utf8.count, 0)) + text
    }
}
