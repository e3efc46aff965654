/// A day of the Gregorian calendar, also before it was introduced.
///
/// Counted in years that begin in March, whose leap day is the last, and in eras of 400 years, which are all of one length.
package struct CivilDate: Equatable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int

    private static let daysInEra = 146_097
    /// From the first of March of the year 0 to the beginning of 1970.
    private static let daysTo1970 = 719_468

    /// - Parameters:
    ///   - month: From 1 to 12.
    ///   - day: From 1 on; one that the month does not have is one of the next.
    package init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The date so many days after the beginning of 1970.
    package init(daysSince1970 days: Int) {
        let sinceYearZero = days + Self.daysTo1970
        let era = sinceYearZero.quotient(roundedDownBy: Self.daysInEra)
        let dayOfEra = sinceYearZero - era * Self.daysInEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    }

    package var daysSince1970: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let era = yearFromMarch.quotient(roundedDownBy: 400)
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * Self.daysInEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - Self.daysTo1970
    }
}

extension Int {
    package func quotient(roundedDownBy divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}
