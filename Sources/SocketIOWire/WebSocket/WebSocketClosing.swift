/// The closing handshake (RFC 6455 7.1): who said close first, and how long the other end may take.
///
///     open ── close() ──▶ localClosing ── the peer's close ──▶ closed (server), remoteClosed (client)
///       └── the peer's close, a failure ──▶ closed (server), remoteClosed (client)
package struct WebSocketClosing {
    package typealias Instant = ContinuousClock.Instant

    /// What the caller does next.
    package enum Action: Equatable {
        /// Send a close frame; nothing may be sent after it.
        case sendClose(WebSocketCloseCode?)
        /// End the TCP connection, after what was sent.
        case disconnect
    }

    private enum State {
        /// No close frame in either direction.
        case open
        /// Our close frame is sent, the peer's is awaited.
        case localClosing(until: Instant)
        /// No more frames will come; the server is to end the TCP connection.
        case remoteClosed(until: Instant)
        /// The TCP connection is to be ended.
        case closed
    }

    private var state = State.open
    private let role: WebSocketRole

    package init(role: WebSocketRole) {
        self.role = role
    }

    /// When to call `handleTimeout`, if nothing else happens before.
    package var deadline: Instant? {
        switch state {
        case .localClosing(let deadline), .remoteClosed(let deadline): deadline
        case .open, .closed: nil
        }
    }

    /// The application closes.
    package mutating func close(_ code: WebSocketCloseCode?, now: Instant, timeout: Duration) -> [Action] {
        switch state {
        case .open:
            state = .localClosing(until: now.advanced(by: timeout.bounded))
            return [.sendClose(code)]
        case .localClosing, .remoteClosed, .closed: return []
        }
    }

    /// The peer's close frame arrived; it is answered with its own code (RFC 6455 5.5.1).
    package mutating func receiveClose(_ code: WebSocketCloseCode?, now: Instant, timeout: Duration) -> [Action] {
        switch state {
        case .open: [.sendClose(code)] + leave(now: now, timeout: timeout)
        case .localClosing: leave(now: now, timeout: timeout)
        case .remoteClosed, .closed: []
        }
    }

    /// The reader threw: its close code is sent, and what the peer sends no longer matters (RFC 6455 7.1.7).
    package mutating func fail(_ failure: WebSocketFailure, now: Instant, timeout: Duration) -> [Action] {
        switch state {
        case .open:
            return [.sendClose(failure.code)] + leave(now: now, timeout: timeout)
        case .localClosing:
            state = .closed
            return [.disconnect]
        case .remoteClosed, .closed: return []
        }
    }

    /// RFC 6455 7.1.1: the server ends the TCP connection first, so that the client need not hold TIME_WAIT.
    private mutating func leave(now: Instant, timeout: Duration) -> [Action] {
        switch role {
        case .server:
            state = .closed
            return [.disconnect]
        case .client:
            state = .remoteClosed(until: now.advanced(by: timeout.bounded))
            return []
        }
    }

    package mutating func handleTimeout(now: Instant) -> [Action] {
        switch state {
        case .localClosing(let deadline) where now >= deadline, .remoteClosed(let deadline) where now >= deadline:
            state = .closed
            return [.disconnect]
        case .open, .localClosing, .remoteClosed, .closed: return []
        }
    }
}
