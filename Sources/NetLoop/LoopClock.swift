internal import SocketIOWire
internal import Synchronization

/// Time that stands still until somebody moves it: for loops that are stepped, or that `Settlement` waits for. Any thread.
package final class ManualTime: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// The same for all loops of this time, however late one is made.
    let origin = Instant.now
    private let value = Atomic<Int64>(0)

    package init() {}

    /// Since the beginning.
    var nanoseconds: Int64 { value.load(ordering: .relaxed) }

    package var now: Instant { origin.advanced(by: .nanoseconds(nanoseconds)) }

    package func advance(by duration: Duration) {
        value.wrappingAdd(duration.boundedNanoseconds, ordering: .relaxed)
    }
}

/// A loop's time: nanoseconds and ticks since the loop was made.
struct LoopClock {
    typealias Instant = ContinuousClock.Instant

    private let origin: Instant
    private let start: Int64
    private let manual: ManualTime?

    private static var tickLength: Int64 { 1_000_000 }
    /// How far apart both clocks may be read, and how often that is tried.
    private static var agreement: Int64 { 100_000 }
    private static var maxReadings: Int { 100 }

    /// - Parameter manual: What to read instead of the machine's clock.
    init(_ manual: ManualTime? = nil) {
        self.manual = manual
        if let manual {
            origin = manual.origin
            start = 0
            return
        }
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

    /// Whether time passes by itself.
    var isManual: Bool { manual != nil }

    var nanoseconds: Int64 {
        if let manual { return manual.nanoseconds }
        return SystemClock.nanoseconds - start
    }

    func instant(_ nanoseconds: Int64) -> Instant {
        origin.advanced(by: .nanoseconds(nanoseconds))
    }

    func instant(atTick tick: UInt64) -> Instant {
        let (nanoseconds, isBeyond) = Int64(clamping: tick).multipliedReportingOverflow(by: Self.tickLength)
        return instant(isBeyond ? .max : nanoseconds)
    }

    /// The last tick that was reached by then.
    func tick(reachedAt nanoseconds: Int64) -> UInt64 {
        UInt64(max(nanoseconds / Self.tickLength, 0))
    }

    /// The first tick that is not before then.
    func tick(notBefore nanoseconds: Int64) -> UInt64 {
        guard nanoseconds > 0 else { return 0 }
        let (ticks, rest) = nanoseconds.quotientAndRemainder(dividingBy: Self.tickLength)
        return UInt64(rest > 0 ? ticks + 1 : ticks)
    }

    /// The first tick that is not before `instant`: no timer is early.
    func tick(notBefore instant: Instant) -> UInt64 {
        // A time without an end is as good as the last one.
        let nanoseconds = origin.duration(to: instant).boundedNanoseconds
        guard nanoseconds > 0 else { return 0 }
        return (UInt64(nanoseconds) + UInt64(Self.tickLength) - 1) / UInt64(Self.tickLength)
    }
}
