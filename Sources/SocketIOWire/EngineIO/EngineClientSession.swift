/// The client's side of a session (Protocol.md 3): handshake, heartbeat, polling requests, upgrade, end.
///
/// ```
///  opening --open packet--> polling --3probe, requests ended--> webSocket
///     |                        |                                    |
///     |                        +--close()--> draining               |
///     +--close() over polling--> leaving --open packet--> draining  |
///     +------------------------+----------------+-------------------+--> closed
/// ```
///
/// Whoever drives it carries out what `takeActions()` returns after each call, in order, and reports what comes of it.
package struct EngineClientSession {
    package typealias Instant = ContinuousClock.Instant

    /// What the driver does next.
    package enum Action: Sendable {
        /// The handshake is complete: messages may be sent.
        case opened(EngineHandshake)
        /// A ping came, and is answered.
        case pinged
        /// Send the next GET; report with `pollEnded`.
        case poll
        /// Send a POST with this body; report with `postEnded`.
        case post([UInt8])
        /// Open a WebSocket that names the session; report with `probeOpened` or `probeLost`.
        case openProbe
        /// Send `2probe` on the probing WebSocket.
        case sendProbe
        /// The probing WebSocket is the transport: send `5` on it, and then what had to wait.
        case upgrade([EngineOutgoingPacket])
        /// Close the probing WebSocket; the session stays on polling.
        case abandonProbe
        /// Send a packet on the WebSocket.
        case send(EngineOutgoingPacket)
        /// The session ended: close whatever is open. Nothing follows.
        case closed(EngineCloseReason)
    }

    private enum State {
        /// The open packet is to come: by the first poll, or over the WebSocket.
        case opening(EngineTransport)
        case polling(Open, Requests, Upgrade)
        case webSocket(Open)
        /// Closed by this side while the handshake's poll was under way: the session that its answer names is closed
        /// then, because the server would keep it until the heartbeat.
        case leaving(until: Instant)
        /// Closed by this side over polling: what waits is posted, the close packet last.
        case draining(Requests, maxPayload: Int, until: Instant)
        case closed
    }

    /// What a session knows once it is open.
    private struct Open {
        let handshake: EngineHandshake
        /// The server's next ping comes before this.
        var pingDeadline: Instant
    }

    private struct Requests {
        var isPolling = false
        var isPosting = false

        var isIdle: Bool { !isPolling && !isPosting }
    }

    private enum Upgrade {
        /// Not offered, not wanted, or given up.
        case none
        /// The WebSocket is being opened.
        case connecting(until: Instant)
        /// `2probe` is sent.
        case probing(until: Instant)
        /// `3probe` came. Nothing more is requested, and the requests that are open are waited for; how long that may
        /// take is the heartbeat's business, because the server ends the poll.
        case pausing

        var deadline: Instant? {
            switch self {
            case .none, .pausing: nil
            case .connecting(let until), .probing(let until): until
            }
        }
    }

    /// What `receive` found.
    package enum Received: Equatable, Sendable {
        /// A message for the application: the text without its first byte.
        case message
        /// Something that is dealt with.
        case handled
    }

    private var state: State
    private var outbox = EngineOutbox()
    private var actions: [Action] = []
    private let wantsUpgrade: Bool
    private let upgradeTimeout: Duration

    /// - Parameters:
    ///   - transport: The one to begin with. Over polling the first action is the handshake's poll; a WebSocket is
    ///     opened by the driver.
    ///   - upgrades: Whether to go from polling to WebSocket where the server offers it.
    package init(transport: EngineTransport, upgrades: Bool, upgradeTimeout: Duration = .seconds(10)) {
        state = .opening(transport)
        wantsUpgrade = upgrades
        self.upgradeTimeout = upgradeTimeout
        if transport == .polling { actions = [.poll] }
    }

    /// What is to be done, oldest first; each is returned once.
    package mutating func takeActions() -> [Action] {
        guard !actions.isEmpty else { return [] }
        defer { actions = [] }
        return actions
    }

    /// Whether messages go straight into frames of the WebSocket.
    package var isOnWebSocket: Bool {
        switch state {
        case .webSocket: true
        case .opening, .leaving, .polling, .draining, .closed: false
        }
    }

    /// Whether messages may be sent.
    package var isOpen: Bool {
        switch state {
        case .polling, .webSocket: true
        case .opening, .leaving, .draining, .closed: false
        }
    }

    /// Whether packets that arrive still mean something.
    package var isListening: Bool {
        switch state {
        case .opening, .leaving, .polling, .webSocket: true
        case .draining, .closed: false
        }
    }

    /// Whether a message sent now would leave at once: what volatile packets depend on.
    package var isWritable: Bool {
        switch state {
        case .polling(_, let requests, let upgrade):
            guard case .pausing = upgrade else { return !requests.isPosting && outbox.isEmpty }
            return false
        case .webSocket: return true
        case .opening, .leaving, .draining, .closed: return false
        }
    }

    /// Bytes that wait for a POST.
    package var queuedByteCount: Int { outbox.byteCount }

    /// When to call `handleTimeout`, if nothing else happens before.
    package var deadline: Instant? {
        switch state {
        case .polling(let open, _, let upgrade): min(open.pingDeadline, upgrade.deadline ?? open.pingDeadline)
        case .webSocket(let open): open.pingDeadline
        case .draining(_, _, let until), .leaving(let until): until
        case .opening, .closed: nil
        }
    }

    // MARK: Receiving

    /// A text packet arrived, in a poll's payload or over the WebSocket.
    ///
    /// - Throws: If it is none, or cannot come now. Then call `end(because: .parseError)`.
    package mutating func receive(_ text: Span<UInt8>, now: Instant) throws(ProtocolViolation) -> Received {
        guard text.count > 0, let type = EnginePacketType(rawValue: text[0]) else {
            throw ProtocolViolation(.malformed, "an unknown packet type")
        }
        switch (type, state) {
        case (_, .closed), (_, .draining):
            return .handled
        case (.message, .polling), (.message, .webSocket):
            return .message
        case (.open, .opening(let transport)):
            open(try EngineHandshake(parsing: text.extracting(1..<text.count)), transport, now: now)
            return .handled
        case (.open, .leaving(let until)):
            let handshake = try EngineHandshake(parsing: text.extracting(1..<text.count))
            actions.append(.opened(handshake))
            drain(Requests(isPolling: true), maxPayload: handshake.maxPayload, until: until)
            return .handled
        case (.ping, .polling(var open, let requests, let upgrade)):
            open.pingDeadline = Self.pingDeadline(open.handshake, now: now)
            state = .polling(open, requests, upgrade)
            outbox.append(.text(.pong))
            actions.append(.pinged)
            return .handled
        case (.ping, .webSocket(var open)):
            open.pingDeadline = Self.pingDeadline(open.handshake, now: now)
            state = .webSocket(open)
            actions += [.send(.text(.pong)), .pinged]
            return .handled
        case (.close, .opening), (.close, .leaving), (.close, .polling), (.close, .webSocket):
            end(because: .transportClose)
            return .handled
        case (.noop, .polling), (.noop, .webSocket), (.pong, .polling), (.pong, .webSocket), (.upgrade, .polling),
            (.upgrade, .webSocket):
            // Protocol.md 2.1: a noop only ends a poll; the official client ignores the other two as well.
            return .handled
        case (.open, .polling), (.open, .webSocket):
            throw ProtocolViolation(.unexpected, "a second open packet")
        case (.message, .opening), (.ping, .opening), (.pong, .opening), (.noop, .opening), (.upgrade, .opening),
            (.message, .leaving), (.ping, .leaving), (.pong, .leaving), (.noop, .leaving), (.upgrade, .leaving):
            throw ProtocolViolation(.unexpected, "a packet before the open packet")
        }
    }

    private mutating func open(_ handshake: EngineHandshake, _ transport: EngineTransport, now: Instant) {
        let open = Open(handshake: handshake, pingDeadline: Self.pingDeadline(handshake, now: now))
        switch transport {
        case .webSocket:
            state = .webSocket(open)
            actions.append(.opened(handshake))
        case .polling:
            let upgrades = wantsUpgrade && handshake.upgrades.contains(.webSocket)
            let upgrade = upgrades ? Upgrade.connecting(until: now.advanced(by: upgradeTimeout)) : .none
            // The poll that brought the packet is still open; the next one follows its end.
            state = .polling(open, Requests(isPolling: true), upgrade)
            actions.append(.opened(handshake))
            if upgrades { actions.append(.openProbe) }
        }
    }

    private static func pingDeadline(_ handshake: EngineHandshake, now: Instant) -> Instant {
        now.advanced(by: handshake.pingInterval + handshake.pingTimeout)
    }

    // MARK: Sending

    /// Queues a packet while the transport is polling; a WebSocket takes its packets from the driver.
    package mutating func queue(_ packet: EngineOutgoingPacket) {
        switch state {
        case .polling: outbox.append(packet)
        case .opening, .leaving, .webSocket, .draining, .closed: break
        }
    }

    /// Posts what is queued, if no POST is open. Called once for a burst.
    package mutating func flush() {
        switch state {
        case .polling(let open, var requests, let upgrade):
            if case .pausing = upgrade { return }
            guard !requests.isPosting, !outbox.isEmpty else { return }
            requests.isPosting = true
            state = .polling(open, requests, upgrade)
            actions.append(.post(outbox.takePayload(maxBytes: open.handshake.maxPayload)))
        case .draining(var requests, let maxPayload, let until):
            guard !requests.isPosting, !outbox.isEmpty else { return }
            requests.isPosting = true
            state = .draining(requests, maxPayload: maxPayload, until: until)
            actions.append(.post(outbox.takePayload(maxBytes: maxPayload)))
        case .opening, .leaving, .webSocket, .closed: break
        }
    }

    // MARK: Requests

    /// A poll was answered, and all packets of its answer were received.
    package mutating func pollEnded(now: Instant) {
        switch state {
        case .polling(let open, var requests, let upgrade):
            requests.isPolling = false
            state = .polling(open, requests, upgrade)
            advance()
        case .draining(var requests, let maxPayload, let until):
            requests.isPolling = false
            state = .draining(requests, maxPayload: maxPayload, until: until)
        case .opening, .leaving:
            // An answer without the open packet.
            end(because: .parseError)
        case .webSocket, .closed: break
        }
    }

    /// A POST was taken.
    package mutating func postEnded() {
        switch state {
        case .polling(let open, var requests, let upgrade):
            requests.isPosting = false
            state = .polling(open, requests, upgrade)
            advance()
        case .draining(var requests, let maxPayload, let until):
            requests.isPosting = false
            state = .draining(requests, maxPayload: maxPayload, until: until)
            if outbox.isEmpty { end(because: .forcedClose) } else { flush() }
        case .opening, .leaving, .webSocket, .closed: break
        }
    }

    /// Goes on after a request, or switches once all have ended.
    private mutating func advance() {
        guard case .polling(let open, var requests, let upgrade) = state else { return }
        switch upgrade {
        case .pausing:
            guard requests.isIdle else { return }
            state = .webSocket(open)
            actions.append(.upgrade(outbox.takeAll()))
        case .none, .connecting, .probing:
            if !requests.isPolling {
                requests.isPolling = true
                state = .polling(open, requests, upgrade)
                actions.append(.poll)
            }
            flush()
        }
    }

    // MARK: Upgrade

    /// The WebSocket that `openProbe` asked for is open.
    package mutating func probeOpened() {
        guard case .polling(let open, let requests, .connecting(let until)) = state else { return }
        state = .polling(open, requests, .probing(until: until))
        actions.append(.sendProbe)
    }

    /// A message arrived on the probing WebSocket.
    package mutating func receiveProbe(_ text: Span<UInt8>) {
        guard case .polling(let open, let requests, let upgrade) = state else { return }
        switch upgrade {
        case .probing where text.equals("3probe"):
            state = .polling(open, requests, .pausing)
            advance()
        case .connecting, .probing, .pausing:
            // Protocol.md 3.6: any other answer means no; the session goes on as it was.
            giveUpUpgrade()
        case .none: break
        }
    }

    /// The probing WebSocket could not be opened, or is gone.
    package mutating func probeLost() {
        guard case .polling(let open, let requests, let upgrade) = state else { return }
        switch upgrade {
        case .none: break
        case .connecting, .probing, .pausing:
            state = .polling(open, requests, .none)
            advance()
        }
    }

    private mutating func giveUpUpgrade() {
        actions.append(.abandonProbe)
        probeLost()
    }

    // MARK: Ending

    package mutating func handleTimeout(now: Instant) {
        switch state {
        case .polling(let open, _, let upgrade):
            if now >= open.pingDeadline { return end(because: .pingTimeout) }
            if let until = upgrade.deadline, now >= until { giveUpUpgrade() }
        case .webSocket(let open):
            if now >= open.pingDeadline { end(because: .pingTimeout) }
        case .draining(_, _, let until), .leaving(let until):
            if now >= until { end(because: .forcedClose) }
        case .opening, .closed: break
        }
    }

    /// The application closes. Over polling what is queued is posted first, and the answer to a handshake is waited for,
    /// if that takes no longer than `timeout`; over WebSocket the driver has sent it.
    package mutating func close(now: Instant, timeout: Duration) {
        switch state {
        case .opening(.polling): state = .leaving(until: now.advanced(by: timeout.bounded))
        case .opening(.webSocket), .webSocket: end(because: .forcedClose)
        case .polling(let open, let requests, let upgrade):
            switch upgrade {
            case .connecting, .probing, .pausing: actions.append(.abandonProbe)
            case .none: break
            }
            drain(requests, maxPayload: open.handshake.maxPayload, until: now.advanced(by: timeout.bounded))
        case .leaving, .draining, .closed: break
        }
    }

    private mutating func drain(_ requests: Requests, maxPayload: Int, until: Instant) {
        outbox.append(.text(.close))
        state = .draining(requests, maxPayload: maxPayload, until: until)
        flush()
    }

    /// The transport is gone, or something that it brought is not allowed.
    package mutating func end(because reason: EngineCloseReason) {
        switch state {
        case .closed: break
        case .leaving, .draining:
            state = .closed
            actions.append(.closed(.forcedClose))
        case .opening, .polling, .webSocket:
            state = .closed
            outbox = EngineOutbox()
            actions.append(.closed(reason))
        }
    }
}
