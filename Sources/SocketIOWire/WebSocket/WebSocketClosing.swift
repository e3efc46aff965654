/// The closing handshake (RFC 6455 7.1): who said close first, and how long the other end may take.
///
///     open ── close() ──▶ localClosing ── the peer's close ──▶ closed (server), remoteClosed (client)
///       └── the peer's close ──▶ remoteClosed ── flushed (server), end of stream (both) ──▶ closed
package struct WebSocketClosing {
    package typealias Instant = ContinuousClock.Instant

    /// What the caller does next.
    package enum Action: Equatable {
        /// Send a close frame; nothing may be sent after it.
        case sendClose(WebSocketCloseCode?)
        /// Close the TCP connection.
        case disconnect
    }

    /// Small, because every connection has one and few are closing.
    private enum State {
        /// No close frame in either direction.
        case open
        /// Our close frame is sent, the peer's is awaited.
        indirect case localClosing(until: Instant)
        /// No more frames will come; our close frame is being flushed, or the server's end of stream is awaited.
        indirect case remoteClosed(until: Instant)
        /// The TCP connection is gone, or is to be closed at once.
        case closed
    }

    private var state = State.open
    private let role: WebSocketRole

    package init(role: WebSocketRole) {
        self.role = role
    }

    /// Whether frames may be sent, and whether received messages still matter to the application.
    package var isOpen: Bool {
        switch state {
        case .open: true
        case .localClosing, .remoteClosed, .closed: false
        }
    }

    /// When to call `handleTimeout`, if nothing else happens before.
    package var deadline: Instant? {
        switch state {
        case .localClosing(let deadline), .remoteClosed(let deadline): deadline
        case .open, .closed: nil
        }
    }

    /// The application closes.
    package mutating func close(_ code: WebSocketCloseCode?, now: Instant, timeout: Duration) -> Action? {
        switch state {
        case .open:
            state = .localClosing(until: now.advanced(by: timeout))
            return .sendClose(code)
        case .localClosing, .remoteClosed, .closed: return nil
        }
    }

    /// The peer's close frame arrived; it is answered with its own code (RFC 6455 5.5.1).
    package mutating func receiveClose(_ code: WebSocketCloseCode?, now: Instant, timeout: Duration) -> Action? {
        switch state {
        case .open:
            state = .remoteClosed(until: now.advanced(by: timeout))
            return .sendClose(code)
        case .localClosing:
            switch role {
            case .server:
                state = .closed
                return .disconnect
            case .client:
                // RFC 6455 7.1.1: the server closes the TCP connection first, so that it need not hold TIME_WAIT.
                state = .remoteClosed(until: now.advanced(by: timeout))
                return nil
            }
        case .remoteClosed, .closed: return nil
        }
    }

    /// The reader threw: its close code is sent, and what the peer sends no longer matters (RFC 6455 7.1.7).
    package mutating func fail(_ failure: WebSocketFailure, now: Instant, timeout: Duration) -> Action? {
        switch state {
        case .open:
            state = .remoteClosed(until: now.advanced(by: timeout))
            return .sendClose(failure.code)
        case .localClosing:
            state = .closed
            return .disconnect
        case .remoteClosed, .closed: return nil
        }
    }

    /// All that was to be sent has been handed to the kernel.
    package mutating func handleFlushed() -> Action? {
        switch (state, role) {
        case (.remoteClosed, .server):
            state = .closed
            return .disconnect
        case (.remoteClosed, .client), (.open, _), (.localClosing, _), (.closed, _): return nil
        }
    }

    /// The peer ended its half of the TCP connection.
    package mutating func receiveEnd() -> Action? {
        switch state {
        case .open, .localClosing, .remoteClosed:
            state = .closed
            return .disconnect
        case .closed: return nil
        }
    }

    package mutating func handleTimeout(now: Instant) -> Action? {
        switch state {
        case .localClosing(let deadline) where now >= deadline, .remoteClosed(let deadline) where now >= deadline:
            state = .closed
            return .disconnect
        case .open, .localClosing, .remoteClosed, .closed: return nil
        }
    }
}
