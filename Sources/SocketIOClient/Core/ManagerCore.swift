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
    /// `query` and `extraHeaders` may change: for the next connection.
    var configuration: ClientManager.Configuration
    let packetLimits: PacketLimits
    /// For the values of all events.
    let memory = JSONMemory()
    let callouts = Callouts()
    let url: String
    let connections: ConnectionCount
    /// Where connections come from; nil for the network.
    let source: (any ConnectionSource)?
    /// Where connections go, or why there can be none.
    var address: Result<Address, ClientError>
    /// Whether packets travel as MessagePack.
    let isMessagePack: Bool
    let status: ManagerStatus
    let makeEngine: MakeEngine
    var state = State.idle
    var reconnection: Reconnection
    /// Sockets that are connected or will be, or that left before the answer to CONNECT, by namespace.
    private(set) var sockets: [ByteName: ClientSocketCore] = [:]
    /// Of all sockets.
    var tally = NamespaceTally()
    /// Namespaces that were left over this connection, and not joined again: see `NamespaceLink.connectSent`.
    var leftNamespaces: Set<ByteName> = []
    var collector = AttachmentCollector()
    /// Whether the server has answered for a namespace over this connection.
    var isUnderstood = false
    var callbacks = ManagerCallbacks()
    private let errors: ErrorHandlers
    /// Whether the last session went from polling to WebSocket, or began there.
    var hasUpgraded = false
    private var timer: TimerID?
    var generator = SystemRandomNumberGenerator()

    init(
        url: String, configuration: ClientManager.Configuration, connections: ConnectionCount, status: ManagerStatus,
        errors: ErrorHandlers, on loop: EventLoop, source: (any ConnectionSource)? = nil, makeEngine: MakeEngine? = nil
    ) {
        self.makeEngine = makeEngine ?? { EngineConnection($0, on: loop, delegate: $1) }
        self.url = url
        self.connections = connections
        self.source = source
        self.status = status
        self.configuration = configuration
        address = Result { () throws(ClientError) in
            try configuration.address(url: url, connections: connections, source: source)
        }
        self.errors = errors
        self.loop = loop
        packetLimits = configuration.limits.packets
        isMessagePack = configuration.parser == .msgpack
        reconnection = configuration.reconnection.machine
    }

    /// Whether there is a server to connect to: if not, nothing will ever be answered.
    var hasAddress: Bool {
        switch address {
        case .success: true
        case .failure: false
        }
    }

    var hostField: String {
        switch address {
        case .success(let address): address.endpoint.origin.hostField
        case .failure: url
        }
    }

    var isClosed: Bool {
        switch state {
        case .closed: true
        case .idle, .opening, .open: false
        }
    }

    var openEngine: (any ClientEngine)? {
        switch state {
        case .open(let engine): engine
        case .idle, .opening, .closed: nil
        }
    }

    // MARK: Sockets

    /// All sockets, in an order that does not change from run to run.
    var socketsInOrder: [ClientSocketCore] {
        sockets.values.sorted { $0.wireName.lexicographicallyPrecedes($1.wireName) }
    }

    /// Whether anybody wants a connection.
    var isWanted: Bool { tally.wanted > 0 }

    /// A socket wants to join its namespace.
    func activate(_ socket: ClientSocketCore) {
        sockets[ByteName(socket.namespace)] = socket
        if let problem = socket.problem { return socket.refuseSoon(problem) }
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
        guard socket.link.isIdle, sockets[ByteName(socket.namespace)] === socket else { return }
        sockets[ByteName(socket.namespace)] = nil
        callouts.release(socket)
        socket.releaseHandle()
    }

    /// CONNECT was not answered in time. Another connection is tried where that harms no other namespace.
    func namespaceTimedOut(_ socket: ClientSocketCore) {
        let error = ClientError(
            .timedOut, "\(hostField) did not answer CONNECT to \(socket.namespace) in time\(parserHint)")
        if tally.overdue == tally.wanted {
            // Tells all of them, and whether it goes on.
            openEngine?.fail(error, because: .transportError)
        } else {
            socket.attemptFailed(error)
            if configuration.reconnection.attempts <= 0 { socket.fail(error) }
        }
    }

    /// The server answered for a namespace.
    func namespaceAnswered(_ namespace: String) {
        isUnderstood = true
        leftNamespaces.remove(ByteName(namespace))
        reconnection.succeeded()
    }

    /// What may be wrong where a server has answered for no namespace.
    var parserHint: String {
        isUnderstood ? "" : "; does it have another parser than `configuration.parser`, .\(configuration.parser)?"
    }

    func namespaceLeft(_ namespace: String) {
        leftNamespaces.insert(ByteName(namespace))
    }

    func wasLeft(_ namespace: String) -> Bool { leftNamespaces.contains(ByteName(namespace)) }

    // MARK: Closing

    /// Ends the connection, if there is one; the sockets know already.
    private func disconnect() {
        switch state {
        case .opening(let engine, _): end(engine)
        case .open(let engine):
            noteTransport(of: engine)
            end(engine)
            callouts.add { [self] in
                for callback in callbacks.close.inOrder() { callback(Disconnection(reason: .forcedClose, error: nil)) }
            }
        case .idle, .closed: break
        }
    }

    private func end(_ engine: any ClientEngine) {
        state = .idle
        connectionEnded()
        log(.debug, "closes the connection to \(hostField)")
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
        setTransport(nil)
        rearm()
    }

    // MARK: What is told

    /// Tells the application what went wrong, once nothing is being changed.
    func report(_ error: any Error, of socket: ClientSocket?) {
        callouts.add { [errors] in errors.report(error, of: socket) }
    }

    /// Makes a log line, if somebody wants it.
    func log(_ level: ClientManager.LogLevel, _ message: @autoclosure () -> String) {
        guard let logger = configuration.logger, level >= logger.level else { return }
        let line = message()
        callouts.add { logger.log(level, line) }
    }

    // MARK: Registration

    func register(_ change: ManagerCallbacks.Change) {
        guard !isClosed else { return }
        let removed = change(&callbacks)
        withExtendedLifetime(removed) {}
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
            log(.debug, "attempt \(attempt) to reconnect")
            callouts.add { [self] in for callback in callbacks.reconnectAttempt.inOrder() { callback(attempt) } }
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
