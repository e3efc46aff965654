internal import NetLoop

/// Gives memory back to the system after a flood: the allocator keeps what lies between blocks that are in use.
///
/// The allocator is asked every ten seconds, by one loop of a server for the whole process: whatever it was that held the
/// memory, the application's values among it.
final class FreedMemory: TimerTarget {
    private let loop: EventLoop
    private var timer: TimerID?
    private var rule = TrimRule()

    private static let interval = Duration.seconds(10)

    init(of loop: EventLoop) {
        self.loop = loop
    }

    func start() {
        timer = loop.schedule(self, after: Self.interval)
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    func timerFired(now: ContinuousClock.Instant) {
        start()
        if rule.isDue(free: Machine.freedByteCount) { Machine.trimMemory() }
    }
}

/// When it is worth the trouble: what is free has grown by much since the last time, or since it was least.
///
/// What was given back still counts as free for the allocator.
struct TrimRule {
    private var known = Int.max

    static let worthwhile = 8 << 20

    /// A look at how many bytes are `free`.
    mutating func isDue(free: Int) -> Bool {
        guard known <= free - Self.worthwhile else {
            known = min(known, free)
            return false
        }
        known = free
        return true
    }
}
