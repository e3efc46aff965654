/// A day of the Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// The date so many days after the beginning of 1970. Counted in years that begin in March, whose leap day is the
    /// last, and in eras of 400 years, which are all of one length.
    package init(daysSince1970 days: Int) {
        let sinceYearZero = days + 719_468
        let era = sinceYearZero.quotient(roundedDownBy: 146_097)
        let dayOfEra = sinceYearZero - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    }
}

extension Int {
    package func quotient(roundedDownBy divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}
