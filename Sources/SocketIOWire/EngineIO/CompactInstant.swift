/// An instant in eight bytes instead of sixteen: nanoseconds since an epoch that whoever tells the time has chosen.
///
/// What is farther away than 292 years is as far as can be.
package struct CompactInstant: InstantProtocol {
    /// Since the epoch.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package init(_ instant: ContinuousClock.Instant, since epoch: ContinuousClock.Instant) {
        nanoseconds = epoch.duration(to: instant).boundedNanoseconds
    }

    package func instant(since epoch: ContinuousClock.Instant) -> ContinuousClock.Instant {
        epoch.advanced(by: .nanoseconds(nanoseconds))
    }

    package func advanced(by duration: Duration) -> Self {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.boundedNanoseconds)
        // Only two of one sign can overflow.
        return Self(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : sum)
    }

    package static func + (instant: Self, duration: Duration) -> Self {
        instant.advanced(by: duration)
    }

    package func duration(to other: Self) -> Duration {
        .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
