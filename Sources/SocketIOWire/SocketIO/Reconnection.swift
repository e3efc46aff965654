/// Whether and when a client connects again (the official Manager's rules).
///
/// ```
///  idle --lost/failed--> waiting --deadline--> attempting --opened--> idle
///    ^                      ^                      |
///    |                      +------- failed -------+
///    +----- stop(), attempts used up --------------+
/// ```
/// Attempts count until one of them was of use: a connection that opens and ends before a namespace is joined is one
/// that failed.
package struct Reconnection: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Action: Equatable, Sendable {
        /// Nothing more is done: there is to be no reconnection.
        case none
        /// `handleTimeout` will say when to try.
        case wait
        /// As many attempts as allowed have failed.
        case giveUp
    }

    private enum State {
        /// Connected since then, or not wanted.
        case idle(since: Instant?)
        /// The next attempt is due then.
        case waiting(until: Instant)
        /// An attempt is under way.
        case attempting
    }

    private var state = State.idle(since: nil)
    private var backoff: ReconnectionBackoff
    private let maxAttempts: Int

    /// - Parameter maxAttempts: Zero never reconnects.
    package init(backoff: ReconnectionBackoff, maxAttempts: Int) {
        self.backoff = backoff
        self.maxAttempts = maxAttempts
    }

    /// The number of the attempt that is under way or comes next, from 1.
    package var attempt: Int { max(backoff.attempts, 1) }

    package var isActive: Bool {
        switch state {
        case .idle: false
        case .waiting, .attempting: true
        }
    }

    package var deadline: Instant? {
        switch state {
        case .waiting(let until): until
        case .idle, .attempting: nil
        }
    }

    /// A connection was lost, or could not be made.
    ///
    /// - Parameter isSentAway: Whether the server said that it goes away: another one is there, or soon will be, and the
    ///   server has chosen the moment. Where that ends a connection that has lasted for as long as the wait would be, there
    ///   is hardly any: a server that sends everybody away at once is not run over.
    package mutating func failed(now: Instant, random: Double, isSentAway: Bool = false) -> Action {
        let isQuick: Bool
        switch state {
        case .idle(let opening):
            isQuick = isSentAway && backoff.attempts == 0 && opening.map { now >= $0 + backoff.first } == true
        case .attempting: isQuick = false
        case .waiting: return .wait
        }
        guard maxAttempts > 0 else { return .none }
        guard backoff.attempts < maxAttempts else {
            stop()
            return .giveUp
        }
        // The wait comes before the first attempt, too.
        let wait = backoff.next(random: random)
        state = .waiting(until: now.advanced(by: isQuick ? backoff.first * (random / 10) : wait))
        return .wait
    }

    /// A connection is open; the number of the attempt that made it, or nil if it is the first one.
    package mutating func opened(now: Instant) -> Int? {
        defer { state = .idle(since: now) }
        return switch state {
        case .attempting: backoff.attempts
        case .idle, .waiting: nil
        }
    }

    /// The connection is of use: the server answered for a namespace.
    package mutating func succeeded() {
        switch state {
        case .idle: backoff.reset()
        case .waiting, .attempting: break
        }
    }

    /// True if it is time for an attempt.
    package mutating func handleTimeout(now: Instant) -> Bool {
        switch state {
        case .waiting(let until) where now >= until:
            state = .attempting
            return true
        case .waiting, .idle, .attempting: return false
        }
    }

    /// The wait is cut short, because somebody wants to connect now.
    package mutating func stop() {
        state = .idle(since: nil)
        backoff.reset()
    }
}
