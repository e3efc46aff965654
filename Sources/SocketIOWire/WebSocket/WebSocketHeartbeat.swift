/// Whether a peer that says nothing is still there: it is pinged, and gone if it does not answer (RFC 6455 5.5.2).
///
/// Whatever the peer sends is an answer.
package struct WebSocketHeartbeat: Sendable {
    package typealias Instant = CompactInstant

    /// What the caller does next.
    package enum Action: Equatable {
        case ping
        /// The time for an answer is over.
        case close
    }

    private enum State: Sendable {
        /// Nothing was asked since it was heard.
        case listening
        /// A ping is on its way.
        case pinged(until: Instant)
    }

    private var state = State.listening
    private var lastHeard: Instant
    private let interval: Duration
    private let timeout: Duration

    /// - Parameters:
    ///   - interval: After how long a silent peer is pinged.
    ///   - timeout: How long it may take to answer.
    package init(interval: Duration, timeout: Duration, now: Instant) {
        // A look at no time would be taken again and again.
        self.interval = max(interval, .milliseconds(1)).bounded
        self.timeout = max(timeout, .milliseconds(1)).bounded
        lastHeard = now
    }

    /// When to call `handleTimeout`.
    package var deadline: Instant {
        switch state {
        case .listening: lastHeard.advanced(by: interval)
        case .pinged(let deadline): deadline
        }
    }

    /// Something arrived.
    package mutating func hear(now: Instant) {
        lastHeard = now
        state = .listening
    }

    /// - Parameter isHearing: Whether what the peer sends is read. Where it is not, silence says nothing.
    package mutating func handleTimeout(now: Instant, isHearing: Bool) -> Action? {
        guard now >= deadline else { return nil }
        guard isHearing else {
            hear(now: now)
            return nil
        }
        switch state {
        case .listening:
            state = .pinged(until: now.advanced(by: timeout))
            return .ping
        case .pinged: return .close
        }
    }
}
