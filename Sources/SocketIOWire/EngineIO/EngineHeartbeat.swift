/// The server's side of the heartbeat (Protocol.md 3.5): a ping every interval, and a pong within the timeout. Or the
/// client asks (9.5): then its pings are waited for.
///
/// A pong counts only while a ping is outstanding: unsolicited ones neither postpone pings nor keep a peer alive.
package struct EngineHeartbeat: Sendable {
    package typealias Instant = CompactInstant

    private enum State: Sendable {
        /// The next ping is due then.
        case waitingToPing(due: Instant)
        /// A ping is out; its pong must come before this.
        case waitingForPong(until: Instant)
        /// The peer is the one that pings; the next one must come before this.
        case waitingForPing(until: Instant)
        /// What was waited for did not come.
        case over(EngineDialect.Pinger)
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

    /// - Parameter wait: How long the first ping of the peer, which is the one that pings, may take.
    package init(now: Instant, awaitingPingFor wait: Duration) {
        state = .waitingForPing(until: now.advanced(by: wait))
    }

    package var pinger: EngineDialect.Pinger {
        switch state {
        case .waitingToPing, .waitingForPong: .server
        case .waitingForPing: .client
        case .over(let pinger): pinger
        }
    }

    /// When `handleTimeout` has something to do.
    package var deadline: Instant? {
        switch state {
        case .waitingToPing(let due): due
        case .waitingForPong(let until), .waitingForPing(let until): until
        case .over: nil
        }
    }

    /// A pong arrived; the interval restarts from it.
    package mutating func receivePong(now: Instant, interval: Duration) {
        switch state {
        case .waitingForPong: state = .waitingToPing(due: now.advanced(by: interval))
        case .waitingToPing, .waitingForPing, .over: break
        }
    }

    /// A ping arrived.
    ///
    /// - Parameter wait: How long the next one may take.
    package mutating func receivePing(now: Instant, next wait: Duration) {
        switch state {
        case .waitingForPing: state = .waitingForPing(until: now.advanced(by: wait))
        case .waitingToPing, .waitingForPong, .over: break
        }
    }

    /// The peer is heard again after a time in which nothing was read: its pong, or its ping, may be in what
    /// comes now.
    package mutating func hearAgain(now: Instant, timeout: Duration) {
        switch state {
        case .waitingForPong: state = .waitingForPong(until: now.advanced(by: timeout))
        case .waitingForPing(let until): state = .waitingForPing(until: max(until, now.advanced(by: timeout)))
        case .waitingToPing, .over: break
        }
    }

    /// - Parameter isHearing: Whether the peer is read at all: if not, its silence means nothing.
    package mutating func handleTimeout(now: Instant, timeout: Duration, isHearing: Bool = true) -> Action? {
        switch state {
        case .waitingToPing(let due) where now >= due:
            state = .waitingForPong(until: now.advanced(by: timeout))
            return .sendPing
        case .waitingForPong(let until) where now >= until, .waitingForPing(let until) where now >= until:
            guard isHearing else {
                hearAgain(now: now, timeout: timeout)
                return nil
            }
            state = .over(pinger)
            return .closeTimedOut
        case .waitingToPing, .waitingForPong, .waitingForPing, .over:
            return nil
        }
    }
}
