/// The server's side of an upgrade from polling to WebSocket (Protocol.md 3.6); a session that has switched needs it no
/// more.
///
/// ```
///  idle --connect--> connected --2probe--> probed --5--> the session's transport
///   ^                    |                    |
///   +---- anything else, close, timeout ------+
/// ```
package struct EngineUpgrade: Sendable {
    package typealias Instant = CompactInstant

    private enum State: Sendable {
        /// No WebSocket is there.
        case idle
        /// A WebSocket is there and has said nothing yet.
        case connected(until: Instant)
        /// The probe is answered; packets still travel by polling until the client says `5`.
        case probed(until: Instant, releaseAt: Instant)
    }

    /// What the client sent on the probing WebSocket.
    package enum Packet: Equatable, Sendable {
        case probe
        case upgrade
        case other
    }

    package enum Action: Equatable, Sendable {
        /// Send `3probe` on the WebSocket, and end an open poll with a noop.
        case answerProbe
        /// End an open poll with a noop: the client's poll must end before it can switch.
        case releasePoll
        /// The WebSocket is the session's transport from now on.
        case switchTransport
        /// Close the WebSocket; the session stays on polling.
        case abandon
    }

    /// How often an open poll is ended while the client is about to switch.
    private static let releaseInterval = Duration.milliseconds(100)

    private var state = State.idle

    package init() {}

    /// Whether a WebSocket is there that may become the transport.
    package var hasProbe: Bool {
        switch state {
        case .connected, .probed: true
        case .idle: false
        }
    }

    /// Whether the client was told that it may switch, and has not yet.
    package var isProbed: Bool {
        switch state {
        case .probed: true
        case .idle, .connected: false
        }
    }

    package var deadline: Instant? {
        switch state {
        case .idle: nil
        case .connected(let until): until
        case .probed(let until, let releaseAt): min(until, releaseAt)
        }
    }

    /// A WebSocket arrived that names the session. False if there is one already: then the new one is closed.
    package mutating func connect(now: Instant, timeout: Duration) -> Bool {
        switch state {
        case .idle:
            state = .connected(until: now.advanced(by: timeout))
            return true
        case .connected, .probed:
            return false
        }
    }

    /// A packet arrived on the probing WebSocket.
    package mutating func receive(_ packet: Packet, now: Instant) -> Action {
        switch (state, packet) {
        case (.connected(let until), .probe):
            state = .probed(until: until, releaseAt: now.advanced(by: Self.releaseInterval))
            return .answerProbe
        case (.connected, .upgrade), (.probed, .upgrade):
            // The official server takes `5` without a probe before it, too.
            state = .idle
            return .switchTransport
        case (.probed, .probe):
            return .answerProbe
        case (.connected, .other), (.probed, .other):
            state = .idle
            return .abandon
        case (.idle, .probe), (.idle, .upgrade), (.idle, .other):
            preconditionFailure("no WebSocket is probing")
        }
    }

    /// The probing WebSocket is gone.
    package mutating func disconnect() {
        state = .idle
    }

    package mutating func handleTimeout(now: Instant) -> Action? {
        switch state {
        case .connected(let until) where now >= until, .probed(let until, _) where now >= until:
            state = .idle
            return .abandon
        case .probed(let until, let releaseAt) where now >= releaseAt:
            state = .probed(until: until, releaseAt: now.advanced(by: Self.releaseInterval))
            return .releasePoll
        case .idle, .connected, .probed:
            return nil
        }
    }
}
