import Glibc

/// The clocks that measurements are read from, in nanoseconds.
enum Clock {
    /// Time that passes.
    @inline(__always)
    static var now: UInt64 {
        read(CLOCK_MONOTONIC)
    }

    /// CPU time of all threads of this process, those that have ended included.
    static var ownCPU: UInt64 {
        read(CLOCK_PROCESS_CPUTIME_ID)
    }

    @inline(__always)
    fileprivate static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // SAFETY: the structure is a local of the right type.
        _ = unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// The CPU clock of another process: user and system time of all its threads, to the nanosecond.
struct CPUClock {
    private let id: clockid_t

    /// Nil if there is no such process.
    init?(of process: Int32) {
        var id = clockid_t()
        // SAFETY: the clock's id is a local of the right type.
        guard unsafe clock_getcpuclockid(process, &id) == 0 else { return nil }
        self.id = id
    }

    var now: UInt64 { Clock.read(id) }
}
