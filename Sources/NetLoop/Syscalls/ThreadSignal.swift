#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Has one thread wait for another. Whoever raises it waits for nobody.
///
/// `@unchecked Sendable`: `isRaised` is touched under the mutex only, and nothing else is done there.
@safe final class ThreadSignal: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isRaised = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        // SAFETY: both live as long as this object.
        _ = unsafe pthread_mutex_init(mutex, nil)
        _ = unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        _ = unsafe pthread_cond_destroy(condition)
        _ = unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func raise() {
        // SAFETY: as above.
        _ = unsafe pthread_mutex_lock(mutex)
        isRaised = true
        _ = unsafe pthread_cond_signal(condition)
        _ = unsafe pthread_mutex_unlock(mutex)
    }

    /// Returns once it is raised, or after `limit`; lowers it.
    func wait(atMost limit: Duration?) {
        // SAFETY: as above; the time is a local that is only read.
        _ = unsafe pthread_mutex_lock(mutex)
        if let limit {
            var end = Self.time(after: limit)
            while !isRaised {
                guard unsafe pthread_cond_timedwait(condition, mutex, &end) == 0 else { break }
            }
        } else {
            while !isRaised { _ = unsafe pthread_cond_wait(condition, mutex) }
        }
        isRaised = false
        _ = unsafe pthread_mutex_unlock(mutex)
    }

    /// An hour at most.
    private static func time(after limit: Duration) -> timespec {
        var time = timespec()
        // SAFETY: the time is written into a local.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let (seconds, attoseconds) = min(max(limit, .zero), .seconds(3600)).components
        let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
        time.tv_sec += Int(seconds + nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        return time
    }
}
