/// The server's side of the heartbeat (Protocol.md 3.5): a ping every interval, and a pong within the timeout.
///
/// A pong counts only while a ping is outstanding: unsolicited ones neither postpone pings nor keep a peer alive.
package struct EngineHeartbeat: Sendable {
    package typealias Instant = CompactInstant

    private enum State: Sendable {
        /// The next ping is due then.
        case waitingToPing(due: Instant)
        /// A ping is out; its pong must come before this.
        case waitingForPong(until: Instant)
        /// The pong did not come.
        case over
    }

    package enum Action: Equatable, Sendable {
        case sendPing
        /// The peer is silent: close with `ping timeout`.
        case closeTimedOut
    }

    private var state: State

    package init(now: Instant, interval: Duration) {
        state = .waitingToPing(due: now.advanced(by: interval))
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .waitingToPing(let due): due
        case .waitingForPong(let until): until
        case .over: nil
        }
    }

    /// A pong arrived; the interval restarts from it.
    package mutating func receivePong(now: Instant, interval: Duration) {
        switch state {
        case .waitingForPong: state = .waitingToPing(due: now.advanced(by: interval))
        case .waitingToPing, .over: break
        }
    }

    /// The peer is heard again after a time in which nothing was read: its pong may be in what comes now.
    package mutating func hearAgain(now: Instant, timeout: Duration) {
        switch state {
        case .waitingForPong: state = .waitingForPong(until: now.advanced(by: timeout))
        case .waitingToPing, .over: break
        }
    }

    /// - Parameter isHearing: Whether the peer is read at all: if not, its silence means nothing.
    package mutating func handleTimeout(now: Instant, timeout: Duration, isHearing: Bool = true) -> Action? {
        switch state {
        case .waitingToPing(let due) where now >= due:
            state = .waitingForPong(until: now.advanced(by: timeout))
            return .sendPing
        case .waitingForPong(let until) where now >= until:
            guard isHearing else {
                hearAgain(now: now, timeout: timeout)
                return nil
            }
            state = .over
            return .closeTimedOut
        case .waitingToPing, .waitingForPong, .over:
            return nil
        }
    }
}
