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
        /// Connected, or not wanted.
        case idle
        /// The next attempt is due then.
        case waiting(until: Instant)
        /// An attempt is under way.
        case attempting
    }

    private var state = State.idle
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
    package mutating func failed(now: Instant, random: Double) -> Action {
        switch state {
        case .idle, .attempting:
            guard maxAttempts > 0 else { return .none }
            guard backoff.attempts < maxAttempts else {
                stop()
                return .giveUp
            }
            // The wait comes before the first attempt, too.
            state = .waiting(until: now.advanced(by: backoff.next(random: random)))
            return .wait
        case .waiting: return .wait
        }
    }

    /// A connection is open; the number of the attempt that made it, or nil if it is the first one.
    package mutating func opened() -> Int? {
        switch state {
        case .attempting:
            state = .idle
            return backoff.attempts
        case .idle, .waiting:
            state = .idle
            return nil
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
        state = .idle
        backoff.reset()
    }
}
