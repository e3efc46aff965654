internal import NetLoop
internal import Synchronization

/// Gives memory back to the system after a flood: the allocator keeps what lies between blocks that are in use.
///
/// The allocator is asked every ten seconds, for one loop of a server and for the whole process: whatever it was that held
/// the memory, the application's values among it. That takes a moment, and so has a thread of its own.
final class FreedMemory: TimerTarget {
    private let loop: EventLoop
    private var timer: TimerID?
    /// Of the process, as its memory is.
    private static let rule = Mutex(TrimRule())

    private static let interval = Duration.seconds(10)

    init(of loop: EventLoop) {
        self.loop = loop
    }

    /// Begins with a look at what is free before anybody has come.
    func start() {
        timer = loop.schedule(self, after: .zero)
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = loop.schedule(self, after: Self.interval)
        Machine.inBackground {
            let free = Machine.freedByteCount
            if Self.rule.withLock({ $0.isDue(free: free) }) { Machine.trimMemory() }
        }
    }
}

/// When it is worth the trouble: what is free has grown by much since the last time, or since it was least.
///
/// What was given back still counts as free for the allocator.
struct TrimRule {
    private var known = Int.max
    /// How many looks there are still to be before memory is given back again: what comes and goes all the time stays.
    private var pause = 0

    static let worthwhile = 8 << 20
    static let pause = 3

    /// A look at how many bytes are `free`.
    mutating func isDue(free: Int) -> Bool {
        if pause > 0 { pause -= 1 }
        guard pause == 0, known <= free - Self.worthwhile else {
            known = min(known, free)
            return false
        }
        known = free
        pause = Self.pause
        return true
    }
}
