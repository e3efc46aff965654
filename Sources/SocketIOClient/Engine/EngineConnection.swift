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
    private let settings: Settings
    /// Nil once it has heard the end. Not weak, which would make every use of the manager slower.
    private var delegate: (any ClientEngineDelegate)?
    var session: EngineClientSession
    private var target: EngineTarget
    private var sessionID: String?
    private var cookies = CookieJar()
    var webSocket: ClientWebSocket?
    var probe: ClientWebSocket?
    private var polls: HTTPChannel?
    private var posts: HTTPChannel?
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

// MARK: Long-polling (Protocol.md 3.3)

extension EngineConnection {
    private func poll() {
        let channel = polls ?? HTTPChannel(to: endpoint, on: loop)
        polls = channel
        // The heartbeat limits polls; the first one has none yet.
        let timeout = sessionID == nil ? endpoint.connectTimeout : nil
        let request = request(.get, target.next(.polling, sessionID: sessionID))
        channel.send(.get, request, timeout: timeout) { [self] result in
            guard let body = accept(result) else { return }
            receivePayload(body.span)
            session.pollEnded(now: loop.now)
            carryOut()
        }
    }

    private func post(_ body: [UInt8]) {
        let channel = posts ?? HTTPChannel(to: endpoint, on: loop)
        posts = channel
        let request = request(.post, target.next(.polling, sessionID: sessionID), body: body)
        channel.send(.post, request, timeout: endpoint.connectTimeout) { [self] result in
            guard accept(result) != nil else { return }
            session.postEnded()
            carryOut()
        }
    }

    private func request(_ method: HTTPMethod, _ target: String, body: [UInt8] = []) -> [UInt8] {
        var fields = endpoint.fields
        if let cookie = cookies.field { fields.append("Cookie", cookie) }
        fields.append("Accept", "*/*")
        if method == .post { fields.append("Content-Type", "text/plain;charset=UTF-8") }
        let writer = ByteWriter(capacity: body.count + 512)
        let isSent = HTTPRequestWriter.append(
            method, target: target, host: endpoint.origin.hostField, fields: fields, body: body.span, to: writer)
        // Checked when the manager was made.
        precondition(isSent, "a request that cannot be sent")
        return writer.array()
    }

    /// The body of a reply that is one of the session's; otherwise the session ends.
    private func accept(_ result: Result<HTTPReply, ClientError>) -> [UInt8]? {
        switch result {
        case .failure(let error):
            fail(error, because: .transportError)
            return nil
        case .success(let reply):
            cookies.update(from: reply.head.fields)
            guard reply.head.status == 200 else {
                fail(
                    ClientError(unexpected: reply.head, body: reply.body, from: endpoint.origin),
                    because: .transportError)
                return nil
            }
            return reply.body
        }
    }

    private func receivePayload(_ body: Span<UInt8>) {
        do throws(ProtocolViolation) {
            guard (try? UTF8Span(validating: body)) != nil else {
                throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
            }
            var payload = EnginePayload(maxPackets: settings.packetsPerPayload)
            while session.isListening, let packet = try payload.next(in: body) {
                switch packet {
                case .text(_, let content):
                    try receive(body.extracting(content.lowerBound - 1..<content.upperBound))
                case .binary(let bytes): receive(binary: bytes)
                }
            }
        } catch {
            violate(error)
        }
    }

    private func receive(_ text: Span<UInt8>) throws(ProtocolViolation) {
        switch try session.receive(text, now: loop.now) {
        case .message: delegate?.engineReceived(text: text.extracting(1..<text.count), on: self)
        case .handled: carryOut()
        }
    }

    private func receive(binary: [UInt8]) {
        guard session.isOpen else { return }
        delegate?.engineReceived(binary: binary, on: self)
    }

    private func violate(_ violation: ProtocolViolation) {
        fail(ClientError(violation, from: endpoint.origin), because: .parseError)
    }
}

// MARK: WebSocket (Protocol.md 3.4), and the upgrade to it (3.6)

extension EngineConnection: ClientWebSocketDelegate {
    private func openWebSocket() -> ClientWebSocket {
        var fields = endpoint.fields
        if let cookie = cookies.field { fields.append("Cookie", cookie) }
        return ClientWebSocket(
            to: endpoint, target: target.next(.webSocket, sessionID: sessionID), fields: fields, on: loop,
            delegate: self)
    }

    func webSocketOpened(_ webSocket: ClientWebSocket) {
        guard webSocket === probe else { return }
        session.probeOpened()
        carryOut()
    }

    func received(text: Span<UInt8>, on webSocket: ClientWebSocket) {
        if webSocket === probe {
            session.receiveProbe(text)
            carryOut()
            return
        }
        guard webSocket === self.webSocket else { return }
        do throws(ProtocolViolation) {
            try receive(text)
        } catch {
            violate(error)
        }
    }

    func received(binary: [UInt8], on webSocket: ClientWebSocket) {
        if webSocket === probe {
            session.receiveProbe(Span())
            carryOut()
        } else if webSocket === self.webSocket {
            receive(binary: binary)
        }
    }

    func webSocketEnded(_ webSocket: ClientWebSocket, because error: ClientError?) {
        if webSocket === probe {
            probe = nil
            session.probeLost()
            carryOut()
        } else if webSocket === self.webSocket {
            fail(error ?? .lost(endpoint.origin), because: error == nil ? .transportClose : .transportError)
        }
    }
}
