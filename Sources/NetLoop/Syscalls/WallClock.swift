#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What time it is: may jump when somebody sets the clock.
package enum WallClock {
    /// Since the beginning of 1970, UTC.
    package static var nanoseconds: Int64 {
        var time = timespec()
        // SAFETY: the time is written into a local, and this clock cannot fail.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
