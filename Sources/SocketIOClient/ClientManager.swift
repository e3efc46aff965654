package import NetLoop
public import SocketIOEvents
internal import SocketIOWire

/// A connection to a Socket.IO server, and what keeps it: one for all namespaces, made again when it is lost.
///
/// ```swift
/// let manager = ClientManager(url: "https://example.com")
/// let socket = manager.socket(auth: ["token": token])
/// socket.on("news") { (text: String) in print(text) }
/// try await socket.connect()
/// ```
/// A manager is a connection: sockets of other namespaces share it, and another manager for the same URL has its own
/// (what `forceNew` is for in JavaScript). A socket holds its manager, so that `ClientManager(url: url).socket()` is
/// enough for one namespace.
///
/// The connection begins with the first socket that connects and ends with the last one that disconnects. Everything
/// runs on an event loop that the process's clients share, handlers included: one that blocks holds up others. Call
/// `close` when the manager is not needed any more; until then it stays connected, held by the connection itself.
public final class ClientManager: Sendable {
    /// What was configured when the manager was made.
    public let configuration: Configuration

    /// Where the manager lives, or why it cannot.
    let core: Result<LoopBound<ManagerCore>, ClientError>
    private let connections: ConnectionCount
    private let errors: ErrorHandlers
    let status: ManagerStatus
    let registry = SocketRegistry()

    /// A manager for the server at `url`; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - url: `http`, `https`, `ws` or `wss`, host, port and query. If it cannot be used, `connect`
    ///     throws `invalidURL`, and `open` tells it to `onConnectError`.
    ///   - configure: Changes the defaults.
    public convenience init(url: String, _ configure: (inout Configuration) -> Void = { _ in }) {
        var configuration = Configuration()
        configure(&configuration)
        self.init(url: url, configuration)
    }

    /// A manager that lives on `loop` and has its connections from `source`, whatever the URL: for tests.
    package convenience init(
        url: String, _ configuration: Configuration, on loop: EventLoop, through source: any ConnectionSource
    ) {
        self.init(url: url, configuration, on: { () throws(SystemError) in loop }, source: source)
    }

    /// - Parameters:
    ///   - chooseLoop: Says where the manager lives.
    ///   - source: Where its connections come from; nil for the network.
    ///   - makeEngine: Makes what speaks over them; nil for the real one.
    init(
        url: String, _ configuration: Configuration,
        on chooseLoop: () throws(SystemError) -> EventLoop = { () throws(SystemError) in try ClientLoops.next() },
        source: (any ConnectionSource)? = nil, makeEngine: ManagerCore.MakeEngine? = nil
    ) {
        self.configuration = configuration
        let connections = ConnectionCount()
        let errors = ErrorHandlers(configuration.logger)
        let status = ManagerStatus()
        self.status = status
        if let leftOut = configuration.leftOut, let logger = configuration.logger, logger.level <= .warning {
            logger.log(.warning, leftOut)
        }
        if let missing = configuration.missingCompression, let logger = configuration.logger, logger.level <= .warning {
            logger.log(.warning, missing)
        }
        self.connections = connections
        self.errors = errors
        core = Result { () throws(ClientError) in
            do {
                let loop = try chooseLoop()
                let core = ManagerCore(
                    url: url, configuration: configuration, connections: connections, status: status, errors: errors,
                    on: loop, source: source, makeEngine: makeEngine)
                return LoopBound(core, on: loop)
            } catch {
                throw ClientError(
                    .system, "no event loop could be started, so that nothing can be sent: \(error)", cause: error)
            }
        }
    }

    /// The socket of a namespace; the same one for as long as anybody holds it, or it is active.
    ///
    /// The first one who asks decides the settings. Whoever asks later and changes them gets the socket as it is; that is
    /// told to `onHandlerError`.
    ///
    /// - Parameters:
    ///   - namespace: `/` by default; a `/` is put in front where it is missing. One with a comma can never be joined:
    ///     `connect` throws `invalidNamespace`.
    ///   - configure: Changes the socket's settings from their defaults.
    public func socket(_ namespace: String = "/", _ configure: (inout ClientSocket.Configuration) -> Void = { _ in })
        -> ClientSocket
    {
        socket(namespace, auth: nil, configure)
    }

    /// The socket of a namespace, with what it sends to the server's middlewares as `auth`: an object.
    public func socket(
        _ namespace: String = "/", auth: some Encodable & Sendable,
        _ configure: (inout ClientSocket.Configuration) -> Void = { _ in }
    ) -> ClientSocket {
        socket(namespace, auth: .value(Result { () throws(ClientError) in try ClientAuth.encode(auth) }), configure)
    }

    /// The socket of a namespace, whose `auth` is asked for anew at each connect: for tokens that expire.
    ///
    /// What `auth` throws is told to `onConnectError`, and nothing is tried any more. It runs on the manager's event loop;
    /// its task is cancelled when nobody waits for it any more, because the connection is lost or the socket was left.
    public func socket<Auth: Encodable & Sendable>(
        _ namespace: String = "/", auth: @escaping @Sendable () async throws -> Auth,
        _ configure: (inout ClientSocket.Configuration) -> Void = { _ in }
    ) -> ClientSocket {
        socket(namespace, auth: .function { try ClientAuth.encode(try await auth()) }, configure)
    }

    private func socket(
        _ namespace: String, auth: ClientAuth?, _ configure: (inout ClientSocket.Configuration) -> Void
    ) -> ClientSocket {
        let name = namespace.utf8.first == UInt8(ascii: "/") ? namespace : "/" + namespace
        if let socket = registry.socket(of: name) { return ask(socket, auth, configure) }
        var configuration = self.configuration.sockets
        configure(&configuration)
        let registered = registry.socket(of: name) {
            ClientSocket(manager: self, namespace: name, auth: auth ?? .none, configuration: configuration)
        }
        guard registered.isNew else { return ask(registered.socket, auth, configure) }
        // Nobody else will tell it.
        if registered.isClosed { registered.socket.perform(.shutDown) }
        return registered.socket
    }

    /// A socket is asked for that exists.
    private func ask(
        _ socket: ClientSocket, _ auth: ClientAuth?, _ configure: (inout ClientSocket.Configuration) -> Void
    ) -> ClientSocket {
        // Whoever has nothing to say changes nothing.
        var wanted = socket.configuration
        configure(&wanted)
        if wanted != socket.configuration {
            report(
                ClientError(
                    .ignoredSettings,
                    "the socket of \(socket.namespace) was asked for with other settings than it was made with, which it "
                        + "keeps"),
                of: socket)
        }
        if let auth { socket.change(.setAuth(auth)) }
        return socket
    }

    /// Disconnects all sockets and ends the manager, in whatever it is doing: it cannot be used again.
    ///
    /// Returns once all its connections are closed, which a server that does not answer can delay by a few seconds.
    /// Handlers are dropped, sequences of events end, and whoever waits for a connection or an acknowledgement gets an
    /// error.
    public func close() async {
        let sockets = registry.close()
        guard case .success(let core) = core else { return }
        await core.loop.call { _ in core.value.close(sockets.compactMap(\.currentCore)) }
        await connections.waitUntilZero()
    }

    // MARK: Internals

    /// Makes what a socket's handle stands for.
    func makeSocketCore(
        _ namespace: String, auth: ClientAuth, configuration: ClientSocket.Configuration
    ) -> ClientSocket.Home {
        switch core {
        case .success(let core):
            .loop(
                LoopBound(
                    ClientSocketCore(manager: core, namespace: namespace, auth: auth, configuration: configuration),
                    on: core.loop))
        case .failure(let error): .none(SocketWithoutLoop(error))
        }
    }

    func register(_ change: @escaping ManagerCallbacks.Change) {
        guard case .success(let core) = core else { return }
        if let core = core.valueIfCurrent { return core.register(change) }
        core.loop.post(ManagerRegistration(core: core, change: change))
    }

    /// Removes what was registered: at once, and behind the registration, which may still be on its way.
    func unregister(_ id: UInt64) {
        guard case .success(let core) = core else { return }
        core.valueIfCurrent?.register { $0.remove(id) }
        core.loop.post(ManagerRegistration(core: core) { $0.remove(id) })
    }

    func change(_ change: @escaping @Sendable (inout Configuration) -> Void) {
        guard case .success(let core) = core else { return }
        if let core = core.valueIfCurrent { return core.change(change) }
        core.loop.post(ConfigurationChange(core: core, change: change))
    }

    func report(_ error: any Error, of socket: ClientSocket?) {
        errors.report(error, of: socket)
    }

    /// Calls `handler` with what goes wrong in handlers, with the socket if it is about one: what they throw, arguments
    /// of other types than they take, and events that were dropped because they could not be encoded or kept.
    @discardableResult
    public func onHandlerError(
        _ handler: @escaping @Sendable (_ error: any Error, _ socket: ClientSocket?) -> Void
    ) -> EventSubscription {
        let id = RegistrationID.next()
        errors.add(handler, id: id)
        return EventSubscription { [weak self] in self?.errors.remove(id) }
    }
}

private struct ConfigurationChange: LoopMessage {
    let core: LoopBound<ManagerCore>
    let change: @Sendable (inout ClientManager.Configuration) -> Void

    func deliver(on loop: EventLoop) {
        core.value.change(change)
    }
}

private struct ManagerRegistration: LoopMessage {
    let core: LoopBound<ManagerCore>
    let change: ManagerCallbacks.Change

    func deliver(on loop: EventLoop) {
        core.value.register(change)
    }
}
