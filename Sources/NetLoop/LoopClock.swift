/// A loop's time: nanoseconds and ticks since the loop was made.
struct LoopClock {
    typealias Instant = ContinuousClock.Instant

    private let origin: Instant
    private let start: Int64

    private static var tickLength: Int64 { 1_000_000 }
    /// How far apart both clocks may be read, and how often that is tried.
    private static var agreement: Int64 { 100_000 }
    private static var maxReadings: Int { 100 }

    init() {
        // Both clocks are to be read at the same time, without the turn of another thread in between.
        var readings = 1
        var (before, now) = (SystemClock.nanoseconds, Instant.now)
        while SystemClock.nanoseconds - before > Self.agreement, readings < Self.maxReadings {
            readings += 1
            (before, now) = (SystemClock.nanoseconds, Instant.now)
        }
        origin = now
        start = before
    }

    var nanoseconds: Int64 { SystemClock.nanoseconds - start }

    func instant(_ nanoseconds: Int64) -> Instant {
        origin.advanced(by: .nanoseconds(nanoseconds))
    }

    /// The last tick that was reached by then.
    func tick(reachedAt nanoseconds: Int64) -> UInt64 {
        UInt64(max(nanoseconds / Self.tickLength, 0))
    }

    /// The first tick that is not before `instant`: no timer is early.
    func tick(notBefore instant: Instant) -> UInt64 {
        let (seconds, attoseconds) = origin.duration(to: instant).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1000 + UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
