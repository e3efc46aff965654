import Foundation

/// When something happens: for people, and for what counts how long.
struct Moment: Sendable {
    let date: Date
    let clock: ContinuousClock.Instant

    static var now: Moment { Moment(date: Date(), clock: .now) }
}
