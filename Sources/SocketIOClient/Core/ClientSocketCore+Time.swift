internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// What happens because nothing else did.

extension ClientSocketCore: TimerTarget {
    private var deadline: ContinuousClock.Instant? {
        Self.earlier(Self.earlier(link.deadline, retries?.deadline), Self.earlier(acks.deadline, waiters.deadline))
    }

    private static func earlier(
        _ one: ContinuousClock.Instant?, _ other: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// To be called where a deadline was set or has gone.
    ///
    /// A timer that is set too early is left to find that out: most waits end before their time, and to set it anew for
    /// each would cost more. One for nothing is cancelled, because it keeps this socket.
    func rearm() {
        guard let deadline else { return stopTimer() }
        if let timer, timer.at <= deadline { return }
        stopTimer()
        timer = (loop.schedule(self, at: deadline), deadline)
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
    }

    func timerFired(now: ContinuousClock.Instant) {
        let callouts = callouts
        callouts.begin()
        defer { callouts.end() }
        timer = nil
        if link.handleTimeout(now: now, timeout: manager.configuration.connectTimeout) {
            manager.namespaceTimedOut(self)
        }
        perform(retries?.handleTimeout(now: now) ?? [])
        expireAcks(now: now)
        expireWaiters(now: now)
        rearm()
    }
}
