/// The server's side of the heartbeat (Protocol.md 3.5): a ping every interval, and a pong within the timeout.
///
/// A pong counts only while a ping is outstanding: unsolicited ones neither postpone pings nor keep a peer alive.
package struct EngineHeartbeat: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Small, because every session has one.
    private enum State: Sendable {
        /// The next ping is due then.
        case waitingToPing(due: CompactInstant)
        /// A ping is out; its pong must come before this.
        case waitingForPong(until: CompactInstant)
        /// The session ended.
        case stopped
    }

    package enum Action: Equatable, Sendable {
        case sendPing
        /// The peer is silent: close with `ping timeout`.
        case closeTimedOut
    }

    private var state: State

    package init(now: Instant, interval: Duration) {
        state = .waitingToPing(due: CompactInstant(now.advanced(by: interval)))
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .waitingToPing(let due): due.instant
        case .waitingForPong(let until): until.instant
        case .stopped: nil
        }
    }

    /// A pong arrived; the interval restarts from it.
    package mutating func receivePong(now: Instant, interval: Duration) {
        switch state {
        case .waitingForPong: state = .waitingToPing(due: CompactInstant(now.advanced(by: interval)))
        case .waitingToPing, .stopped: break
        }
    }

    package mutating func handleTimeout(now: Instant, timeout: Duration) -> Action? {
        switch state {
        case .waitingToPing(let due) where now >= due.instant:
            state = .waitingForPong(until: CompactInstant(now.advanced(by: timeout)))
            return .sendPing
        case .waitingForPong(let until) where now >= until.instant:
            state = .stopped
            return .closeTimedOut
        case .waitingToPing, .waitingForPong, .stopped:
            return nil
        }
    }

    package mutating func stop() {
        state = .stopped
    }
}
