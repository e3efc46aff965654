internal import NetLoop
internal import SocketIOWire

/// One Engine.IO session with a server: carries out what `EngineClientSession` decides. Lives on one loop.
final class EngineConnection: ClientEngine {
    struct Settings {
        let endpoint: Endpoint
        let target: EngineTarget
        let transport: EngineTransport
        let upgrades: Bool
        let packetsPerPayload: Int
    }

    let loop: EventLoop
    let endpoint: Endpoint
    let settings: Settings
    /// Nil once it has heard the end. Not weak, which would make every use of the manager slower.
    var delegate: (any ClientEngineDelegate)?
    var session: EngineClientSession
    var target: EngineTarget
    var sessionID: String?
    var cookies = CookieJar()
    var webSocket: ClientWebSocket?
    var probe: ClientWebSocket?
    var polls: HTTPChannel?
    var posts: HTTPChannel?
    /// Why the session ended, if something went wrong.
    private var failure: ClientError?
    private var isCarryingOut = false
    private var isFlushPlanned = false
    /// More was sent than may wait: something is lost, and with it the session.
    private var isOverfull = false
    private var timer: TimerID?
    private var timerDeadline: ContinuousClock.Instant?

    init(_ settings: Settings, on loop: EventLoop, delegate: any ClientEngineDelegate) {
        self.settings = settings
        self.loop = loop
        self.delegate = delegate
        endpoint = settings.endpoint
        target = settings.target
        session = EngineClientSession(transport: settings.transport, upgrades: settings.upgrades)
    }

    func start() {
        switch settings.transport {
        case .webSocket: webSocket = openWebSocket()
        case .polling: carryOut()
        }
    }

    var transport: EngineTransport { webSocket == nil ? .polling : .webSocket }

    var isWritable: Bool { webSocket?.isWritable ?? session.isWritable }

    // MARK: Sending

    func send(text: Span<UInt8>) {
        if let webSocket {
            webSocket.send(.text, text)
        } else {
            queue(.text(Array(text)))
        }
    }

    func send(binary: [UInt8]) {
        if let webSocket {
            webSocket.send(.binary, binary.span)
        } else {
            queue(.binary(binary))
        }
    }

    private func queue(_ packet: EngineOutgoingPacket) {
        // Over the limit it ends with the turn, as a WebSocket does: whoever sends is not to be called back.
        if session.queuedByteCount > endpoint.unsentBytes { isOverfull = true }
        if !isOverfull { session.queue(packet) }
        // So that a burst is one request.
        if !isFlushPlanned {
            isFlushPlanned = true
            loop.whenTurnEnds(self)
        }
    }

    var isHeartbeatOver: Bool { session.deadline.map { loop.now >= $0 } ?? false }

    func checkHeartbeat() {
        if isHeartbeatOver { handleTimeout(now: loop.now) }
    }

    // MARK: The session's actions

    func carryOut() {
        // What is carried out may call back into here; the loop below then sees it.
        guard !isCarryingOut else { return }
        isCarryingOut = true
        var actions = session.takeActions()
        while !actions.isEmpty {
            for action in actions { perform(action) }
            actions = session.takeActions()
        }
        isCarryingOut = false
        rearm()
    }

    private func perform(_ action: EngineClientSession.Action) {
        switch action {
        case .opened(let handshake):
            sessionID = handshake.sessionID
            delegate?.engineOpened(self)
        case .pinged: delegate?.enginePinged(self)
        case .poll: poll()
        case .post(let body): post(body)
        case .openProbe: probe = openWebSocket()
        case .sendProbe: probe?.send(.text, Array("2probe".utf8).span)
        case .upgrade(let packets): upgrade(packets)
        case .abandonProbe:
            probe?.close()
            probe = nil
        case .send(let packet): webSocket.map { Self.send(packet, on: $0) }
        case .closed(let reason): closed(because: reason)
        }
    }

    private func upgrade(_ packets: [EngineOutgoingPacket]) {
        guard let probe else { return }
        webSocket = probe
        self.probe = nil
        closeChannels()
        probe.send(.text, [EnginePacketType.upgrade.rawValue].span)
        for packet in packets { Self.send(packet, on: probe) }
        delegate?.engineUpgraded(self)
    }

    private static func send(_ packet: EngineOutgoingPacket, on webSocket: ClientWebSocket) {
        switch packet {
        case .text(let text): webSocket.send(.text, text.span)
        case .binary(let bytes): webSocket.send(.binary, bytes.span)
        }
    }

    // MARK: Ending

    func close() {
        delegate = nil
        if sessionID == nil, polls?.isAsking != true {
            // The server knows of no session, or sees the end of the WebSocket.
            session.end(because: .forcedClose)
        } else {
            session.close(now: loop.now, timeout: endpoint.closeTime)
        }
        carryOut()
    }

    func fail(_ error: ClientError?, because reason: EngineCloseReason) {
        if failure == nil { failure = error }
        session.end(because: reason)
        carryOut()
    }

    private func closed(because reason: EngineCloseReason) {
        webSocket?.close()
        probe?.close()
        probe = nil
        closeChannels()
        let delegate = delegate
        self.delegate = nil
        delegate?.engineClosed(self, because: reason, error: failure)
    }

    private func closeChannels() {
        polls?.close()
        posts?.close()
        polls = nil
        posts = nil
    }

    // MARK: Time

    private func rearm() {
        let deadline = session.deadline
        // A ping moves the deadline back; the timer set for the earlier one then sets itself again.
        if let deadline, let timerDeadline, timer != nil, timerDeadline <= deadline { return }
        if let timer { loop.cancel(timer) }
        timer = deadline.map { loop.schedule(self, at: $0) }
        timerDeadline = deadline
    }

    private func handleTimeout(now: ContinuousClock.Instant) {
        session.handleTimeout(now: now)
        carryOut()
    }
}

extension EngineConnection: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        handleTimeout(now: now)
    }
}

extension EngineConnection: TurnEndTarget {
    func turnEnds() {
        isFlushPlanned = false
        guard !isOverfull, session.queuedByteCount <= endpoint.unsentBytes else {
            return fail(
                ClientError(.connectionLost, "\(endpoint.origin.hostField) does not take what is sent to it"),
                because: .transportError)
        }
        session.flush()
        carryOut()
    }
}
