internal import NetLoop

/// Tells the numbers every two seconds, while somebody looks.
final class AdminClock: TimerTarget {
    private static let period = Duration.seconds(2)

    private let administration: Administration
    private let round: Int
    private let loop: EventLoop

    init(_ administration: Administration, round: Int, on loop: EventLoop) {
        (self.administration, self.round, self.loop) = (administration, round, loop)
    }

    func start() {
        _ = loop.schedule(self, at: loop.now.advanced(by: Self.period))
    }

    func timerFired(now: ContinuousClock.Instant) {
        guard administration.isOn(round) else { return }
        start()
        loop.start { [administration] in
            administration.report("server_stats", await administration.statistics(isNext: true))
        }
    }
}
