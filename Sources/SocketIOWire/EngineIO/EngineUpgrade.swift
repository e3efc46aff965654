/// The server's side of an upgrade from polling to WebSocket (Protocol.md 3.6).
///
/// ```
///  polling --connect--> connected --2probe--> probed --5--> upgraded
///     ^                     |                    |
///     +---- anything else, close, timeout -------+
/// ```
package struct EngineUpgrade: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Small, because every session has one and most never upgrade.
    private enum State: Sendable {
        /// Packets travel by polling; no WebSocket is there.
        case polling
        /// A WebSocket is there and has said nothing yet.
        indirect case connected(until: Instant)
        /// The probe is answered; packets still travel by polling until the client says `5`.
        indirect case probed(until: Instant, releaseAt: Instant)
        /// Packets travel by WebSocket: from an upgrade, or from the beginning.
        case upgraded
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

    private var state: State

    package init(transport: EngineTransport) {
        switch transport {
        case .polling: state = .polling
        case .webSocket: state = .upgraded
        }
    }

    package var transport: EngineTransport {
        switch state {
        case .polling, .connected, .probed: .polling
        case .upgraded: .webSocket
        }
    }

    /// Whether the client was told that it may switch, and has not yet.
    package var isProbed: Bool {
        switch state {
        case .probed: true
        case .polling, .connected, .upgraded: false
        }
    }

    package var deadline: Instant? {
        switch state {
        case .polling, .upgraded: nil
        case .connected(let until): until
        case .probed(let until, let releaseAt): min(until, releaseAt)
        }
    }

    /// A WebSocket arrived that names the session. False if there is one already: then the new one is closed.
    package mutating func connect(now: Instant, timeout: Duration) -> Bool {
        switch state {
        case .polling:
            state = .connected(until: now.advanced(by: timeout))
            return true
        case .connected, .probed, .upgraded:
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
            state = .upgraded
            return .switchTransport
        case (.probed(let until, let releaseAt), .probe):
            state = .probed(until: until, releaseAt: releaseAt)
            return .answerProbe
        case (.connected, .other), (.probed, .other):
            state = .polling
            return .abandon
        case (.polling, _), (.upgraded, _):
            preconditionFailure("no WebSocket is probing")
        }
    }

    /// The probing WebSocket is gone.
    package mutating func disconnect() {
        switch state {
        case .connected, .probed: state = .polling
        case .polling, .upgraded: break
        }
    }

    package mutating func handleTimeout(now: Instant) -> Action? {
        switch state {
        case .connected(let until) where now >= until, .probed(let until, _) where now >= until:
            state = .polling
            return .abandon
        case .probed(let until, let releaseAt) where now >= releaseAt:
            state = .probed(until: until, releaseAt: now.advanced(by: Self.releaseInterval))
            return .releasePoll
        case .polling, .connected, .probed, .upgraded:
            return nil
        }
    }
}
