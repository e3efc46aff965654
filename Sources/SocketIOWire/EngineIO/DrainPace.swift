/// In what steps the clients of a server that shuts down are had to go elsewhere: not all at once, for they all come to
/// the next server.
package struct DrainPace: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private let count: Int
    private let beginning: Instant
    private let spread: Duration
    /// When the last of them is not waited for any more.
    package let deadline: Instant

    /// The longest that one client has to itself: few clients are gone soon.
    static let longestStep = Duration.milliseconds(10)

    /// - Parameters:
    ///   - count: How many clients there are.
    ///   - time: How long it may take in all; half of it is for those that do not go at once.
    package init(of count: Int, within time: Duration, now: Instant) {
        self.count = count
        beginning = now
        deadline = now.advanced(by: time)
        spread = min(time / 2, Self.longestStep * count)
    }

    /// How many of them are to be asked by now.
    package func due(now: Instant) -> Int {
        let elapsed = beginning.duration(to: now)
        guard elapsed < spread else { return count }
        return min(Int(Double(count) * max(elapsed / spread, 0)), count)
    }
}
