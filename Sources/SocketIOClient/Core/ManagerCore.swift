internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A manager's state: one connection at a time, the sockets that use it, and when to connect again. Lives on one loop.
final class ManagerCore {
    typealias MakeEngine = (EngineConnection.Settings, any ClientEngineDelegate) -> any ClientEngine

    enum State {
        /// No connection: none is wanted, or the next attempt waits for its time.
        case idle
        /// The handshake is under way, by the transport at this place of the list.
        case opening(any ClientEngine, transport: Int)
        case open(any ClientEngine)
        /// For good.
        case closed
    }

    let loop: EventLoop
    let configuration: ClientManager.Configuration
    let packetLimits: PacketLimits
    let endpoint: Endpoint
    let callouts = Callouts()
    private let target: EngineTarget
    private let makeEngine: MakeEngine
    var state = State.idle
    var reconnection: Reconnection
    /// Sockets that are connected or will be, or that left before the answer to CONNECT, by namespace.
    private(set) var sockets: [String: ClientSocketCore] = [:]
    /// Namespaces that were left over this connection, and not joined again: see `NamespaceLink.connectSent`.
    private var leftNamespaces: Set<String> = []
    var collector = AttachmentCollector()
    var callbacks = ManagerCallbacks()
    private let errors: ErrorHandlers
    /// Whether the last session went from polling to WebSocket, or began there.
    private var hasUpgraded = false
    private var timer: TimerID?
    private var generator = SystemRandomNumberGenerator()

    init(
        endpoint: Endpoint, target: EngineTarget, configuration: ClientManager.Configuration, errors: ErrorHandlers,
        on loop: EventLoop, makeEngine: MakeEngine? = nil
    ) {
        self.makeEngine = makeEngine ?? { EngineConnection($0, on: loop, delegate: $1) }
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

    private var openEngine: (any ClientEngine)? {
        switch state {
        case .open(let engine): engine
        case .idle, .opening, .closed: nil
        }
    }

    // MARK: Sockets

    /// All sockets, in an order that does not change from run to run.
    var socketsInOrder: [ClientSocketCore] { sockets.values.sorted { $0.namespace < $1.namespace } }

    /// Whether anybody wants a connection.
    var isWanted: Bool { sockets.values.contains { $0.link.isWanted } }

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

    /// A socket is not wanted any more; where none is, there is no connection.
    func deactivate(_ socket: ClientSocketCore) {
        forget(socket)
        guard !isWanted else { return }
        reconnection.stop()
        disconnect()
    }

    /// Lets go of a socket, unless an answer to its CONNECT is still to come.
    func forget(_ socket: ClientSocketCore) {
        guard socket.link.isIdle, sockets[socket.namespace] === socket else { return }
        sockets[socket.namespace] = nil
        callouts.release(socket)
        socket.releaseHandle()
    }

    /// CONNECT was not answered in time. Another connection is tried where that harms no other namespace.
    func namespaceTimedOut(_ socket: ClientSocketCore) {
        let error = ClientError(.timedOut, "\(hostField) did not answer CONNECT to \(socket.namespace) in time")
        socket.attemptFailed(error)
        if sockets.values.allSatisfy({ !$0.link.isWanted || $0.link.isOverdue }) {
            openEngine?.fail(error, because: .transportError)
        } else if configuration.reconnection.attempts <= 0 {
            socket.fail(error)
        }
    }

    /// The server answered for a namespace.
    func namespaceAnswered(_ namespace: String) {
        leftNamespaces.remove(namespace)
        reconnection.succeeded()
    }

    func namespaceLeft(_ namespace: String) {
        leftNamespaces.insert(namespace)
    }

    func wasLeft(_ namespace: String) -> Bool { leftNamespaces.contains(namespace) }

    // MARK: Opening

    func open() {
        let start =
            configuration.rememberUpgrade && hasUpgraded ? configuration.transports.firstIndex(of: .webSocket) : 0
        open(transport: start ?? 0)
    }

    /// It is time to reconnect, and whoever wants to know has been told.
    private func attemptNow() {
        callouts.begin()
        defer { callouts.end() }
        if case .idle = state, reconnection.isActive { open() }
    }

    private func open(transport place: Int) {
        let transport = configuration.transports[place]
        let settings = EngineConnection.Settings(
            endpoint: endpoint, target: target, transport: transport,
            upgrades: configuration.upgrade && configuration.transports.contains(.webSocket),
            packetsPerPayload: configuration.limits.packetsPerPayload)
        let engine = makeEngine(settings, self)
        state = .opening(engine, transport: place)
        rearm()
        engine.start()
    }

    func noteTransport(of engine: any ClientEngine) {
        if engine.transport == .webSocket { hasUpgraded = true }
    }

    // MARK: Attempts that fail, connections that are lost

    /// The handshake failed by the transport at this place of the list.
    func attemptFailed(_ error: ClientError, transport place: Int) {
        hasUpgraded = false
        // Where nobody answers, nobody answers another transport either.
        if error.isAboutTransport, place + 1 < configuration.transports.count { return open(transport: place + 1) }
        callouts.add { [self] in for handler in callbacks.error { handler(error) } }
        for socket in socketsInOrder { socket.attemptFailed(error) }
        if reconnection.isActive {
            callouts.add { [self] in for handler in callbacks.reconnectError { handler(error) } }
        }
        reconnectIfAllowed(after: error)
    }

    /// The connection that was open is gone.
    func connectionLost(because reason: ClientSocket.DisconnectReason, _ error: ClientError?) {
        leftNamespaces = []
        let cause = error ?? .lost(endpoint.origin)
        for socket in socketsInOrder { socket.connectionClosed(because: reason, cause) }
        callouts.add { [self] in for handler in callbacks.close { handler(reason) } }
        reconnectIfAllowed(after: cause)
    }

    private func reconnectIfAllowed(after error: ClientError) {
        guard isWanted else { return reconnection.stop() }
        switch reconnection.failed(now: loop.now, random: Double.random(in: 0..<1, using: &generator)) {
        case .wait: rearm()
        case .none: giveUp(error)
        case .giveUp:
            callouts.add { [self] in for handler in callbacks.reconnectFailed { handler() } }
            giveUp(
                ClientError(
                    .attemptsUsedUp, "gave up after the attempts that are allowed; the last one: \(error.message)",
                    cause: error))
        }
    }

    /// Nothing more will be tried for anybody.
    private func giveUp(_ error: ClientError) {
        for socket in socketsInOrder where socket.link.isWanted { socket.fail(error) }
    }

    // MARK: Closing

    /// Ends the connection, if there is one; the sockets know already.
    private func disconnect() {
        switch state {
        case .opening(let engine, _): end(engine)
        case .open(let engine):
            noteTransport(of: engine)
            end(engine)
            callouts.add { [self] in for handler in callbacks.close { handler(.forcedClose) } }
        case .idle, .closed: break
        }
    }

    private func end(_ engine: any ClientEngine) {
        state = .idle
        connectionEnded()
        engine.close()
        leftNamespaces = []
        // Who waits for the answer to a CONNECT will have none.
        for socket in socketsInOrder { socket.connectionEnded() }
    }

    /// Ends everything, for good.
    func close(_ all: [ClientSocketCore]) {
        callouts.begin()
        defer { callouts.end() }
        for socket in all { socket.shutDown() }
        disconnect()
        state = .closed
        stopTimer()
        // The last callouts are told to them, and their ends may run code of the application.
        callouts.add { [self] in
            let ended = callbacks
            callbacks = ManagerCallbacks()
            errors.removeAll()
            withExtendedLifetime(ended) {}
        }
    }

    /// What belonged to the connection that is gone.
    func connectionEnded() {
        collector.reset()
        rearm()
    }

    // MARK: Sending

    /// Whether a message sent now leaves with this turn.
    var isWritable: Bool { openEngine?.isWritable ?? false }

    var isHeartbeatOver: Bool { openEngine?.isHeartbeatOver ?? false }

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

    /// Tells the application what went wrong, once nothing is being changed.
    func report(_ error: any Error, of socket: ClientSocket?) {
        callouts.add { [errors] in errors.report(error, of: socket) }
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
        case .opening: loop.now.advanced(by: configuration.connectTimeout)
        case .open: collector.deadline
        case .closed: nil
        }
    }

    func rearm() {
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
        callouts.begin()
        defer { callouts.end() }
        timer = nil
        switch state {
        case .idle:
            guard reconnection.handleTimeout(now: now) else { return rearm() }
            let attempt = reconnection.attempt
            callouts.add { [self] in for handler in callbacks.reconnectAttempt { handler(attempt) } }
            // After the handlers: one may have changed what is sent with it, or have disconnected.
            callouts.add { [self] in attemptNow() }
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

extension ClientError {
    static let managerClosed = ClientError(.closed, "the manager is closed: make another one")

    /// Whether another transport might fare better.
    fileprivate var isAboutTransport: Bool {
        code == .rejected || code == .badResponse || code == .connectionLost
    }
}
