/// How long a client waits before it connects again: twice as long each time, varied at random, up to a maximum.
///
/// The official client's formula: `minimum · 2^attempts`, plus or minus up to `randomization` of it, cut at the
/// maximum and to whole milliseconds. It overflows after a thousand attempts there; here it stays at the maximum.
package struct ReconnectionBackoff: Equatable, Sendable {
    private let minimum: Double
    private let maximum: Double
    private let randomization: Double
    /// How many delays were given out since the last `reset`.
    package private(set) var attempts = 0

    /// Beyond it the delay is over every maximum.
    private static let maxDoublings = 40

    /// - Parameter randomization: From 0, for none, to 1.
    package init(minimum: Duration, maximum: Duration, randomization: Double) {
        // A day at most, so that nothing below can overflow.
        let day: Int64 = 86_400_000
        self.minimum = Double(Swift.min(Swift.max(minimum.wholeMilliseconds, 0), day))
        self.maximum = Double(Swift.min(Swift.max(maximum.wholeMilliseconds, 0), day))
        self.randomization = randomization >= 0 ? Swift.min(randomization, 1) : 0
    }

    /// The first delay, before it is varied.
    package var first: Duration { .milliseconds(Int64(Swift.min(minimum, maximum))) }

    /// The next delay.
    ///
    /// - Parameter random: From 0 up to, and without, 1. It decides the size of the variation and its sign.
    package mutating func next(random: Double) -> Duration {
        var delay = minimum * Double(1 << Swift.min(attempts, Self.maxDoublings))
        attempts += 1
        if randomization > 0 {
            let deviation = Double(Int64(random * randomization * delay))
            // The sign is that of the first decimal digit: even is less.
            delay = Int64(random * 10) & 1 == 0 ? delay - deviation : delay + deviation
        }
        return .milliseconds(Int64(Swift.min(delay, maximum)))
    }

    package mutating func reset() {
        attempts = 0
    }
}
