/// The server's side of a session (Protocol.md 3), from the open packet on: polling requests, upgrade, heartbeat, end.
///
/// ```
///  polling --------5--------> webSocket
///     |                          |
///     |--close()--> draining     |
///     |                 |        |
///     +-----------------+--------+--> closed
/// ```
///
/// Whoever drives it carries out what each call returns, in order, and sets its timer to `deadline`. Messages of a
/// session that `isOpen` are the application's, whatever they travel by, and no business of this; those that are sent
/// come here unless the transport is a WebSocket, which takes them itself.
///
/// Not to be copied: what few sessions have is referred to.
package struct EngineServerSession: ~Copyable {
    package typealias Instant = CompactInstant

    /// What the driver does next.
    package enum Action: Equatable, Sendable {
        /// Keep the GET at hand open until it is answered; report with `pollAborted` if it is lost.
        case holdPoll
        /// Receive the body of the POST at hand; report with `postEnded` or `postAborted`.
        case collectPost
        /// Answer the request at hand with 400.
        case refuseRequest
        /// Answer the open GET with these packets.
        case answerPoll([EnginePacket])
        /// Call `turnEnded` once what happens now has happened: there is something to send.
        case awaitTurnEnd
        /// Answer the POST that is being received with 400.
        case refusePost
        /// The WebSocket at hand is the probe; report with `receiveProbe` or `probeEnded`.
        case keepProbe
        /// Close the WebSocket at hand.
        case refuseProbe
        /// Send `3probe` on the probe.
        case answerProbe
        /// Close the probe.
        case closeProbe
        /// The probe is the transport from now on: send these on it. A POST that is being received is still used.
        case switchTransport([EnginePacket])
        /// Send a packet on the WebSocket that is the transport.
        case send(EnginePacket)
        /// Close that WebSocket, after what was sent.
        case closeWebSocket(WebSocketCloseCode)
        /// The session is over: forget it and all that it had. At most `ended` follows.
        case retire
        /// Tell the application, with a line for the log if the client is to blame. Nothing is under way any more.
        case ended(EngineCloseReason, detail: String?)
    }

    /// What holds for all sessions of a server.
    package struct Rules: Sendable {
        package var pingInterval = Duration.seconds(25)
        package var pingTimeout = Duration.seconds(20)
        package var upgradeTimeout = Duration.seconds(10)
        /// How long a closed session waits for its client to fetch what is left.
        package var drainTime = Duration.seconds(30)
        /// Bytes held for the client to fetch at which a session is given up.
        package var outputLimit = Int.max

        package init() {}

        /// How long a client that pings may take from one ping to the next.
        var pingWait: Duration { pingInterval + pingTimeout }
    }

    enum State {
        case polling(Polling)
        case webSocket(EngineHeartbeat)
        /// Closed by this side over polling: the client fetches what is left.
        case draining(Draining)
        case closed(EngineCloseReason, EngineDialect)
    }

    final class Polling {
        var heartbeat: EngineHeartbeat
        var requests = EngineRequests()

        init(_ heartbeat: EngineHeartbeat) {
            self.heartbeat = heartbeat
        }
    }

    final class Draining {
        var requests: EngineRequests
        let until: Instant
        let reason: EngineCloseReason
        let dialect: EngineDialect

        init(_ requests: EngineRequests, until: Instant, because reason: EngineCloseReason, _ dialect: EngineDialect) {
            self.requests = requests
            self.until = until
            self.reason = reason
            self.dialect = dialect
        }
    }

    var state: State

    /// The open packet has been sent by `transport`.
    package init(_ transport: EngineTransport, dialect: EngineDialect = .revision4, now: Instant, rules: Rules) {
        let heartbeat =
            switch dialect.pinger {
            case .server: EngineHeartbeat(now: now, interval: rules.pingInterval)
            case .client: EngineHeartbeat(now: now, awaitingPingFor: rules.pingWait)
            }
        switch transport {
        case .polling: state = .polling(Polling(heartbeat))
        case .webSocket: state = .webSocket(heartbeat)
        }
    }

    // MARK: What it is

    /// What it speaks. Its heartbeat says so, which every session has: one byte more in each would be sixteen.
    package var dialect: EngineDialect {
        switch state {
        case .polling(let polling): EngineDialect(pinger: polling.heartbeat.pinger)
        case .webSocket(let heartbeat): EngineDialect(pinger: heartbeat.pinger)
        case .draining(let draining): draining.dialect
        case .closed(_, let dialect): dialect
        }
    }

    /// Whether messages are taken and given.
    package var isOpen: Bool {
        switch state {
        case .polling, .webSocket: true
        case .draining, .closed: false
        }
    }

    /// What the packets travel by; nil once the session is over.
    package var transport: EngineTransport? {
        switch state {
        case .polling, .draining: .polling
        case .webSocket: .webSocket
        case .closed: nil
        }
    }

    /// Whether a packet that is queued now leaves with this turn: what volatile packets depend on.
    package var isPollOpen: Bool {
        switch state {
        case .polling(let polling): polling.requests.isPolling
        case .draining(let draining): draining.requests.isPolling
        case .webSocket, .closed: false
        }
    }

    /// What the application was told; nil while the session is open.
    package var closeReason: EngineCloseReason? {
        switch state {
        case .polling, .webSocket: nil
        case .draining(let draining): draining.reason
        case .closed(let reason, _): reason
        }
    }

    /// When to call `handleTimeout`, if nothing else happens before.
    package var deadline: Instant? {
        switch state {
        case .polling(let polling): Self.earliest(polling.heartbeat.deadline, polling.requests.upgrade.deadline)
        case .webSocket(let heartbeat): heartbeat.deadline
        case .draining(let draining): Self.earliest(draining.until, draining.requests.upgrade.deadline)
        case .closed: nil
        }
    }

    private static func earliest(_ first: Instant?, _ second: Instant?) -> Instant? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }

    // MARK: Packets

    /// A packet that is no message arrived, by the transport (Protocol.md 2.1).
    package mutating func receive(_ type: EnginePacketType, now: Instant, rules: Rules) -> [Action] {
        switch (state, type) {
        case (.polling, .ping), (.webSocket, .ping):
            switch dialect.pinger {
            case .server: return fail(because: .transportError, "a ping from the client")
            case .client: return answerPing(now: now, rules: rules)
            }
        case (.polling, .pong), (.webSocket, .pong):
            switch dialect.pinger {
            case .server: notePong(now: now, rules: rules)
            case .client: return fail(because: .transportError, "a pong from the client, which is the one that pings")
            }
            return []
        case (.polling(let polling), .close):
            // Protocol.md 3.3: the client's own poll needs no close packet.
            return polling.requests.releasePoll() + end(because: .transportClose)
        case (.webSocket, .close):
            // Its own close frame says it.
            return []
        case (.polling, .message), (.polling, .open), (.polling, .upgrade), (.polling, .noop),
            (.webSocket, .message), (.webSocket, .open), (.webSocket, .upgrade), (.webSocket, .noop):
            return []
        case (.draining, _), (.closed, _):
            return []
        }
    }

    private mutating func notePong(now: Instant, rules: Rules) {
        switch state {
        case .polling(let polling): polling.heartbeat.receivePong(now: now, interval: rules.pingInterval)
        case .webSocket(var heartbeat):
            heartbeat.receivePong(now: now, interval: rules.pingInterval)
            state = .webSocket(heartbeat)
        case .draining, .closed: break
        }
    }

    private mutating func answerPing(now: Instant, rules: Rules) -> [Action] {
        switch state {
        case .polling(let polling):
            polling.heartbeat.receivePing(now: now, next: rules.pingWait)
            return polling.requests.queue(.text(.pong), limit: rules.outputLimit) ? [.awaitTurnEnd] : []
        case .webSocket(var heartbeat):
            heartbeat.receivePing(now: now, next: rules.pingWait)
            state = .webSocket(heartbeat)
            return [.send(.text(.pong))]
        case .draining, .closed:
            return []
        }
    }

    /// What is held for the client to fetch.
    package var heldByteCount: Int {
        switch state {
        case .polling(let polling): polling.requests.byteCount
        case .draining(let draining): draining.requests.byteCount
        case .webSocket, .closed: 0
        }
    }

    /// Keeps a packet for the client to fetch. True if `turnEnded` is to be called: once for a burst.
    package mutating func queue(_ packet: EnginePacket, rules: Rules) -> Bool {
        switch state {
        case .polling(let polling): polling.requests.queue(packet, limit: rules.outputLimit)
        case .webSocket, .draining, .closed: false
        }
    }

    // MARK: Time

    /// The client is read again, after a time in which it was not.
    package mutating func hearAgain(now: Instant, rules: Rules) {
        switch state {
        case .polling(let polling): polling.heartbeat.hearAgain(now: now, timeout: rules.pingTimeout)
        case .webSocket(var heartbeat):
            heartbeat.hearAgain(now: now, timeout: rules.pingTimeout)
            state = .webSocket(heartbeat)
        case .draining, .closed: break
        }
    }

    /// - Parameter isHearing: Whether the client is read: if not, pings go out, but no pong is missed.
    package mutating func handleTimeout(now: Instant, rules: Rules, isHearing: Bool = true) -> [Action] {
        switch state {
        case .polling(let polling):
            switch polling.heartbeat.handleTimeout(now: now, timeout: rules.pingTimeout, isHearing: isHearing) {
            case .closeTimedOut: return end(because: .pingTimeout)
            case .sendPing:
                let isFirst = polling.requests.queue(.text(.ping), limit: rules.outputLimit)
                return (isFirst ? [.awaitTurnEnd] : []) + advanceUpgrade(&polling.requests, now: now)
            case nil:
                return advanceUpgrade(&polling.requests, now: now)
            }
        case .webSocket(var heartbeat):
            let action = heartbeat.handleTimeout(now: now, timeout: rules.pingTimeout, isHearing: isHearing)
            state = .webSocket(heartbeat)
            switch action {
            case .sendPing: return [.send(.text(.ping))]
            case .closeTimedOut: return close(because: .pingTimeout, now: now, rules: rules)
            case nil: return []
            }
        case .draining(let draining):
            if now >= draining.until { return end(because: draining.reason) }
            return advanceUpgrade(&draining.requests, now: now)
        case .closed:
            return []
        }
    }
}
