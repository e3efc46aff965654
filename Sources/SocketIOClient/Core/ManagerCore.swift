internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A manager's state: one connection at a time, the sockets that use it, and when to connect again. Lives on one loop.
final class ManagerCore {
    private enum State {
        /// No connection: none is wanted, or the next attempt waits for its time.
        case idle
        /// The handshake is under way, by the transport at this place of the list.
        case opening(EngineConnection, transport: Int)
        case open(EngineConnection)
        /// For good.
        case closed
    }

    let loop: EventLoop
    let configuration: ClientManager.Configuration
    let packetLimits: PacketLimits
    /// For the values of all events.
    let memory = JSONMemory()
    private let endpoint: Endpoint
    private let target: EngineTarget
    private var state = State.idle
    private var reconnection: Reconnection
    /// Sockets that are connected or will be, by namespace.
    private var sockets: [String: ClientSocketCore] = [:]
    private var collector = AttachmentCollector()
    private var callbacks = ManagerCallbacks()
    private let errors: ErrorHandlers
    /// Whether the last session went from polling to WebSocket, or began there.
    private var hasUpgraded = false
    private var timer: TimerID?
    private var generator = SystemRandomNumberGenerator()

    init(
        endpoint: Endpoint, target: EngineTarget, configuration: ClientManager.Configuration, errors: ErrorHandlers,
        on loop: EventLoop
    ) {
        self.endpoint = endpoint
        self.target = target
        self.configuration = configuration
        self.errors = errors
        self.loop = loop
        packetLimits = configuration.limits.packets
        reconnection = configuration.reconnection.machine
    }

    var hostField: String { endpoint.origin.hostField }

    var isClosed: Bool {
        switch state {
        case .closed: true
        case .idle, .opening, .open: false
        }
    }

    private var engine: EngineConnection? {
        switch state {
        case .opening(let engine, _), .open(let engine): engine
        case .idle, .closed: nil
        }
    }

    private var openEngine: EngineConnection? {
        switch state {
        case .open(let engine): engine
        case .idle, .opening, .closed: nil
        }
    }

    // MARK: Sockets

    /// A socket wants to join its namespace.
    func activate(_ socket: ClientSocketCore) {
        sockets[socket.namespace] = socket
        switch state {
        case .open: socket.connectionOpened()
        case .idle: if !reconnection.isActive { open() }
        case .opening: break
        case .closed: socket.fail(.managerClosed)
        }
    }

    /// A socket does not use the connection any more; without any there is none.
    func deactivate(_ socket: ClientSocketCore) {
        guard sockets[socket.namespace] === socket else { return }
        sockets[socket.namespace] = nil
        guard sockets.isEmpty else { return }
        reconnection.stop()
        disconnect()
    }

    /// CONNECT was not answered: the server is not what it should be, and another connection may be.
    func namespaceTimedOut(_ socket: ClientSocketCore) {
        let error = ClientError(.timedOut, "\(hostField) did not answer CONNECT to \(socket.namespace) in time")
        socket.attemptFailed(error)
        openEngine?.fail(error, because: .transportError)
    }

    // MARK: Opening

    private func open() {
        let start =
            configuration.rememberUpgrade && hasUpgraded ? configuration.transports.firstIndex(of: .webSocket) : 0
        open(transport: start ?? 0)
    }

    private func open(transport place: Int) {
        let transport = configuration.transports[place]
        let settings = EngineConnection.Settings(
            endpoint: endpoint, target: target, transport: transport,
            upgrades: configuration.upgrade && configuration.transports.contains(.webSocket),
            packetsPerPayload: configuration.limits.packetsPerPayload)
        let engine = EngineConnection(settings, on: loop, delegate: self)
        state = .opening(engine, transport: place)
        rearm()
        engine.start()
    }

    /// An attempt failed, or a connection was lost.
    private func reconnectIfAllowed(after error: ClientError) {
        guard !sockets.isEmpty else { return reconnection.stop() }
        switch reconnection.failed(now: loop.now, random: Double.random(in: 0..<1, using: &generator)) {
        case .wait: rearm()
        case .none: giveUp(error)
        case .giveUp:
            for handler in callbacks.reconnectFailed { handler() }
            giveUp(
                ClientError(
                    .attemptsUsedUp, "gave up after the attempts that are allowed; the last one: \(error.message)",
                    cause: error))
        }
    }

    /// Nothing more will be tried for anybody.
    private func giveUp(_ error: ClientError) {
        for socket in sockets.values { socket.fail(error) }
    }

    // MARK: Closing

    /// Ends the connection, if there is one; nothing is told, because the sockets know already.
    private func disconnect() {
        let engine = engine
        if let engine = openEngine { noteTransport(of: engine) }
        switch state {
        case .opening, .open: state = .idle
        case .idle, .closed: break
        }
        resetConnection()
        engine?.close()
        if engine != nil { for handler in callbacks.close { handler(.forcedClose) } }
    }

    /// Ends everything, for good.
    func close() {
        for socket in sockets.values { socket.disconnect(because: .forcedClose) }
        disconnect()
        state = .closed
        stopTimer()
        callbacks = ManagerCallbacks()
        errors.removeAll()
    }

    private func resetConnection() {
        collector.reset()
        rearm()
    }

    // MARK: Sending

    /// Whether a message sent now leaves with this turn.
    var isWritable: Bool { openEngine?.isWritable ?? false }

    func checkHeartbeat() {
        openEngine?.checkHeartbeat()
    }

    /// Sends a packet, with the Engine.IO type in front.
    func send(_ text: Span<UInt8>) {
        openEngine?.send(text: text)
    }

    func send(binary: [UInt8]) {
        openEngine?.send(binary: binary)
    }

    func report(_ error: any Error, of socket: ClientSocket?) {
        errors.report(error, of: socket)
    }

    // MARK: Registration

    func register(_ change: (inout ManagerCallbacks) -> Void) {
        guard !isClosed else { return }
        change(&callbacks)
    }

    // MARK: Time

    private var deadline: ContinuousClock.Instant? {
        switch state {
        case .idle: reconnection.deadline
        case .opening: loop.now.advanced(by: configuration.connectTimeout.bounded)
        case .open: collector.deadline
        case .closed: nil
        }
    }

    private func rearm() {
        stopTimer()
        timer = deadline.map { loop.schedule(self, at: $0) }
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

extension ManagerCore: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .idle:
            guard reconnection.handleTimeout(now: now) else { return rearm() }
            for handler in callbacks.reconnectAttempt { handler(reconnection.attempt) }
            // A handler may have disconnected.
            if reconnection.isActive { open() }
        case .opening(let engine, _):
            engine.fail(
                ClientError(.timedOut, "\(hostField) did not complete the handshake in time"), because: .transportError)
        case .open(let engine):
            engine.fail(
                ClientError(.badResponse, "\(hostField) announced attachments and did not send them"),
                because: .parseError)
        case .closed: break
        }
    }
}

// MARK: What the connection brings

extension ManagerCore: EngineConnectionDelegate {
    func engineOpened(_ engine: EngineConnection) {
        guard case .opening(let current, _) = state, current === engine else { return }
        state = .open(engine)
        rearm()
        let attempt = reconnection.opened()
        noteTransport(of: engine)
        for handler in callbacks.open { handler() }
        if let attempt { for handler in callbacks.reconnect { handler(attempt) } }
        for socket in sockets.values { socket.connectionOpened() }
    }

    private func noteTransport(of engine: EngineConnection) {
        if engine.transport == .webSocket { hasUpgraded = true }
    }

    func enginePinged(_ engine: EngineConnection) {
        noteTransport(of: engine)
        for handler in callbacks.ping { handler() }
    }

    func engineClosed(_ engine: EngineConnection, because reason: EngineCloseReason, error: ClientError?) {
        let error = error ?? .lost(endpoint.origin)
        switch state {
        case .opening(let current, let place) where current === engine:
            state = .idle
            resetConnection()
            attemptFailed(error, transport: place)
        case .open(let current) where current === engine:
            noteTransport(of: engine)
            state = .idle
            resetConnection()
            let reason = ClientSocket.DisconnectReason(reason)
            for socket in sockets.values { socket.connectionClosed(because: reason) }
            for handler in callbacks.close { handler(reason) }
            if case .idle = state { reconnectIfAllowed(after: error) }
        case .idle, .opening, .open, .closed: break
        }
    }

    private func attemptFailed(_ error: ClientError, transport place: Int) {
        hasUpgraded = false
        let next = place + 1
        // Where nobody answers, nobody answers another transport either.
        if error.isAboutTransport, next < configuration.transports.count { return open(transport: next) }
        let isReconnecting = reconnection.isActive
        for handler in callbacks.error { handler(error) }
        for socket in sockets.values { socket.attemptFailed(error) }
        if isReconnecting { for handler in callbacks.reconnectError { handler(error) } }
        // A handler may have asked for a connection, or for none.
        if case .idle = state { reconnectIfAllowed(after: error) }
    }

    func engineReceived(text: Span<UInt8>, on engine: EngineConnection) {
        do throws(ProtocolViolation) {
            try collector.receiveText()
            let head = try PacketHead(parsing: text, limits: packetLimits)
            if head.attachmentCount > 0 {
                collector.begin(
                    Array(text), head: head, until: loop.now.advanced(by: configuration.limits.attachmentTime.bounded))
                rearm()
            } else {
                try receive(head, text, attachments: [])
            }
        } catch {
            violate(error, on: engine)
        }
    }

    func engineReceived(binary: [UInt8], on engine: EngineConnection) {
        do throws(ProtocolViolation) {
            guard let packet = try collector.receive(binary, limits: packetLimits) else { return }
            rearm()
            try receive(packet.head, packet.text.span, attachments: packet.attachments)
        } catch {
            violate(error, on: engine)
        }
    }

    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]
    ) throws(ProtocolViolation) {
        let namespace = head.namespace.isEmpty ? "/" : String(validating: text.extracting(head.namespace)) ?? ""
        // What was on its way while the socket left is for nobody.
        try sockets[namespace]?.receive(head, text, attachments: attachments)
    }

    private func violate(_ violation: ProtocolViolation, on engine: EngineConnection) {
        engine.fail(ClientError(violation, from: endpoint.origin), because: .parseError)
    }
}

extension ClientError {
    static let managerClosed = ClientError(.closed, "the manager is closed: make another one")

    /// Whether another transport might fare better.
    fileprivate var isAboutTransport: Bool {
        code == .rejected || code == .badResponse || code == .connectionLost
    }
}
