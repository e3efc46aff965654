internal import NetLoop

/// Gives memory back to the system after a flood: once what a loop holds has fallen far below what it held.
///
/// Looked at every ten seconds, by each loop for itself.
final class FreedMemory: TimerTarget {
    private let loop: EventLoop
    private let sessionCount: () -> Int
    private var timer: TimerID?
    /// The most that was held since memory was given back last.
    private var peak = 0

    private static let interval = Duration.seconds(10)
    /// What a session takes at most, about, before it holds anything for its client.
    private static let sessionBytes = 2 * 1024
    /// Less is not worth the trouble.
    private static let worthwhile = 8 << 20

    init(of loop: EventLoop, sessionCount: @escaping () -> Int) {
        self.loop = loop
        self.sessionCount = sessionCount
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
        let sessions = sessionCount() * Self.sessionBytes
        let held = loop.unsentBytes.count + sessions
        peak = max(peak, loop.unsentBytes.takePeak() + sessions)
        guard peak - held > Self.worthwhile, held < peak / 2 else { return }
        peak = held
        Machine.trimMemory()
    }
}
