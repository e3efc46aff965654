internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

// Connections that are made, and what comes after those that fail or are lost.

extension ManagerCore {
    func open() {
        let start =
            configuration.rememberUpgrade && hasUpgraded ? configuration.transports.firstIndex(of: .webSocket) : 0
        open(transport: start ?? 0)
    }

    /// It is time to reconnect, and whoever wants to know has been told.
    func attemptNow() {
        callouts.begin()
        defer { callouts.end() }
        if case .idle = state, reconnection.isActive { open() }
    }

    private func open(transport place: Int) {
        let address: Address
        switch self.address {
        case .success(let usable): address = usable
        case .failure(let error):
            reconnection.stop()
            for socket in socketsInOrder where socket.link.isWanted { socket.refuseSoon(error) }
            return
        }
        let transport = configuration.transports[place]
        let settings = EngineConnection.Settings(
            endpoint: address.endpoint, target: address.target, transport: transport,
            upgrades: configuration.upgrade && configuration.transports.contains(.webSocket),
            packetsPerPayload: configuration.limits.packetsPerPayload)
        let engine = makeEngine(settings, self)
        state = .opening(engine, transport: place)
        log(.debug, "connects to \(hostField) by \(transport.rawValue)")
        rearm()
        engine.start()
    }

    /// What is sent with the next connection's requests is another.
    func change(_ change: (inout ClientManager.Configuration) -> Void) {
        callouts.begin()
        defer { callouts.end() }
        change(&configuration)
        let context = (try? address.get())?.endpoint.tls
        address = Result { () throws(ClientError) in
            try configuration.address(url: url, connections: connections, source: source, tls: context)
        }
        if let leftOut = configuration.leftOut { log(.warning, leftOut) }
    }

    func setTransport(_ transport: EngineTransport?) {
        status.transport.withLock { $0 = transport }
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
        log(.debug, "cannot connect: \(error)")
        callouts.add { [self] in for callback in callbacks.error.inOrder() { callback(error) } }
        for socket in socketsInOrder { socket.attemptFailed(error) }
        if reconnection.isActive {
            callouts.add { [self] in for callback in callbacks.reconnectError.inOrder() { callback(error) } }
        }
        reconnectIfAllowed(after: error)
    }

    /// The connection that was open is gone.
    func connectionLost(because reason: ClientSocket.DisconnectReason, _ error: ClientError?, isSentAway: Bool) {
        leftNamespaces = []
        log(.debug, "the connection to \(hostField) is lost: \(reason)\(error.map { ", \($0)" } ?? "")")
        var cause = error ?? .lost(hostField)
        if reason == .transportClose {
            cause = ClientError(cause.code, "\(cause.message)\(parserHint)", cause: cause.cause)
        }
        for socket in socketsInOrder { socket.connectionClosed(because: reason, error, cause) }
        callouts.add { [self] in
            for callback in callbacks.close.inOrder() { callback(Disconnection(reason: reason, error: error)) }
        }
        reconnectIfAllowed(after: cause, isSentAway: isSentAway)
    }

    private func reconnectIfAllowed(after error: ClientError, isSentAway: Bool = false) {
        guard isWanted else { return reconnection.stop() }
        let random = Double.random(in: 0..<1, using: &generator)
        switch reconnection.failed(now: loop.now, random: random, isSentAway: isSentAway) {
        case .wait: rearm()
        case .none: giveUp(error)
        case .giveUp:
            callouts.add { [self] in for callback in callbacks.reconnectFailed.inOrder() { callback() } }
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
}

extension ClientError {
    static let managerClosed = ClientError(.closed, "the manager is closed: make another one")
    static let cancelledWait = ClientError(.cancelled, "the task that waited for the connection was cancelled")

    /// Whether another transport might fare better.
    fileprivate var isAboutTransport: Bool {
        code == .rejected || code == .badResponse || code == .connectionLost
    }
}
