internal import SocketIOWire

/// The timers of a loop, in the ticks of its clock.
final class LoopTimers {
    private let clock: LoopClock
    private var wheel = TimerWheel<any TimerTarget>()
    private var due: [TimerID] = []
    /// The first tick at which a timer may be due.
    private var nextTick = UInt64.max
    /// How often somebody was woken.
    private(set) var turnCount = 0

    /// In ticks: a tenth of a second.
    private static let lateness: UInt64 = 100

    init(clock: LoopClock) {
        self.clock = clock
    }

    func schedule(_ target: any TimerTarget, at deadline: ContinuousClock.Instant) -> TimerID {
        schedule(target, at: clock.tick(notBefore: deadline))
    }

    func schedule(_ target: any TimerTarget, at deadline: CompactInstant) -> TimerID {
        schedule(target, at: clock.tick(notBefore: deadline.nanoseconds))
    }

    private func schedule(_ target: any TimerTarget, at tick: UInt64) -> TimerID {
        nextTick = min(nextTick, tick)
        return wheel.insert(target, due: tick)
    }

    /// - Parameter now: In nanoseconds of the clock.
    func schedule(_ target: any TimerTarget, after delay: Duration, now: Int64) -> TimerID {
        schedule(target, at: clock.instant(now).advanced(by: delay.bounded))
    }

    func cancel(_ timer: TimerID) {
        wheel.cancel(timer)
    }

    /// Whether somebody should have been woken long before `now`, in nanoseconds of the clock: the loop did not run.
    func areLate(at now: Int64) -> Bool {
        nextTick < .max && nextTick &+ Self.lateness < clock.tick(reachedAt: now)
    }

    /// Wakes who is due at `now`, in nanoseconds of the clock.
    func fire(now: Int64) {
        let reached = clock.tick(reachedAt: now)
        guard nextTick <= reached else { return }
        wheel.advance(to: reached, into: &due)
        let due = due
        self.due = []
        if !due.isEmpty { turnCount &+= 1 }
        for timer in due { wheel.take(timer)?.timerFired(now: clock.instant(now)) }
        nextTick = wheel.nextDue ?? .max
    }

    /// When somebody may have to be woken: never later than somebody has to; nil if there is no timer.
    var deadline: ContinuousClock.Instant? {
        nextTick < .max ? clock.instant(atTick: nextTick) : nil
    }

    /// How long nobody has to be woken, in milliseconds and at most a minute; -1 if nobody will be unless something happens
    /// before.
    var waitLimit: CInt {
        guard nextTick < .max else { return -1 }
        let reached = clock.tick(reachedAt: clock.nanoseconds)
        if nextTick <= reached { return 0 }
        return clock.isManual ? -1 : CInt(min(nextTick - reached, 60_000))
    }

    /// Wakes nobody any more.
    func forgetAll() {
        let ended = wheel
        wheel = TimerWheel()
        due = []
        nextTick = .max
        // What they hold may run code of the application when it goes.
        withExtendedLifetime(ended) {}
    }
}
