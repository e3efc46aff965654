package import NetLoop
internal import SocketIOWire
internal import Synchronization

/// A server that speaks Engine.IO: messages both ways over WebSocket or long-polling, whichever a client can do.
///
/// ```swift
/// let engine = EngineIOServer()
/// engine.onConnection { socket in
///     socket.onMessage { message in socket.send(message) }
/// }
/// try await engine.run(port: 3000)
/// ```
///
/// For events, rooms and acknowledgements use `SocketIOServer`, which stands on this.
public final class EngineIOServer: Sendable {
    /// Plain HTTP beside the engine.
    public let http: HTTPRoutes

    private let settings: Mutex<Configuration>
    private let state = Mutex(ServerState.idle)
    private let connectionHandler = ConnectionHandlerLayer()
    private let connectionErrors = ConnectionErrors()
    /// Who takes the sessions instead of `onConnection`.
    private let upperLayer: (any UpperLayer)?

    /// A server that does not listen yet.
    public init(_ configuration: Configuration = Configuration()) {
        settings = Mutex(configuration)
        http = HTTPRoutes()
        upperLayer = nil
    }

    /// A server whose sessions belong to a protocol above.
    package init(below layer: any UpperLayer) {
        settings = Mutex(Configuration())
        http = HTTPRoutes(of: layer)
        upperLayer = layer
    }

    /// What the server does; changes have no effect until the next `listen`.
    public var configuration: Configuration {
        get { settings.withLock { $0 } }
        set { settings.change { $0 = newValue } }
    }

    /// Calls `handler` for each new session, on its event loop and before its first message.
    ///
    /// One handler; a second call replaces the first.
    public func onConnection(_ handler: @escaping @Sendable (EngineSocket) -> Void) {
        connectionHandler.setHandler(handler)
    }

    /// How many clients are connected, over either transport: JavaScript's `clientsCount`. All event loops are asked, one after
    /// the other.
    public var connectionCount: Int {
        get async { await onEachShard { $0.sessionsByTransport.values.reduce(0, +) }.reduce(0, +) }
    }

    /// Calls `handler` for each handshake that is refused, and each request for a session that there is not, after it is
    /// answered and on the event loop that read it.
    ///
    /// One handler; a second call replaces the first. A peer decides how often that is: write no line for each to a log that
    /// is kept.
    public func onConnectionError(_ handler: @escaping @Sendable (_ error: ConnectionError) -> Void) {
        connectionErrors.setHandler(handler)
    }

    /// Listens, and serves in the background.
    ///
    /// - Parameters:
    ///   - host: A numeric address, or `localhost`, which stands for 127.0.0.1. By default all addresses of the machine,
    ///     IPv6 and IPv4, as with Node: `::`, or `0.0.0.0` where there is no IPv6. A peer that comes by IPv4 has its IPv4
    ///     address all the same.
    ///   - port: Zero lets the system choose.
    ///   - tls: Who the server is, for `https` and `wss` instead of `http` and `ws`.
    /// - Returns: The address that it listens on.
    /// - Throws: `ListenError`.
    @discardableResult
    public func listen(
        host: String? = nil, port: Int, tls: ServerTLS? = nil
    ) async throws(ListenError) -> ListenAddress {
        let place = try ListenPlace(host: host, port: port)
        let configuration = configuration
        let nodes = try ServerNode.tls(for: configuration.forwarding, isSecure: tls != nil)
        let loaded: LoadedTLS?
        do throws(TLSError) {
            loaded = try tls.map { tls throws(TLSError) in try LoadedTLS(tls) }
        } catch {
            throw ListenError(error, address: place.description)
        }
        return try await listen(on: place, tls: loaded, nodes: nodes, configuration)
    }

    /// Has the connections that come from now on see renewed certificates; those that are there stay as they are.
    ///
    /// ```swift
    /// try await io.reloadTLS()
    /// ```
    /// - Parameter tls: What takes the place of what `listen` was given. Nil for the same files, which are read again.
    /// - Throws: `ListenError` if a file is wrong, and if the server does not listen with TLS; then all stays as it was.
    public func reloadTLS(_ tls: ServerTLS? = nil) async throws(ListenError) {
        guard let running, let current = running.tls else {
            throw ListenError(
                .other, address: "", "the server does not listen with TLS: give `tls` to `listen` or `run`.")
        }
        do throws(TLSError) {
            await running.use(try LoadedTLS(tls ?? current))
        } catch {
            throw ListenError(error, address: running.address.description)
        }
    }

    /// Serves the connections that `serve(_:)` is given, in loops whose time is `time`: one loop, where the configuration
    /// names no number.
    package func serve(in time: ManualTime) async throws(ListenError) {
        _ = try await listen(on: .process(time), tls: nil, configuration)
    }

    /// Serves a connection that nobody listened for; false if the server does not run.
    package func serve(_ connection: DetachedConnection) -> Bool {
        let running = running
        running?.serve(connection)
        return running != nil
    }

    /// What serves, while something does.
    var running: RunningServer? { state.withLock { $0.running } }

    /// - Parameter nodes: Whom to trust to be another node.
    func listen(
        on place: ListenPlace, tls: LoadedTLS?, nodes: TLSContext? = nil, _ configuration: Configuration
    ) async throws(ListenError) -> ListenAddress {
        let run = ServerRun()
        let isFirst = state.withLock { $0.start(run) }
        guard isFirst else {
            throw ListenError(
                .alreadyListening, address: place.description, "the server listens already, or is still closing.")
        }
        let layer = upperLayer ?? connectionHandler
        do throws(SystemError) {
            let running = try await RunningServer.start(
                on: place, tls: tls, nodes: nodes, configuration: configuration, routes: http,
                connectionErrors: connectionErrors, layer: layer)
            let listens = state.withLock { state in
                let listens = state.listen(run, running)
                http.readiness.isReady = listens
                return listens
            }
            if !listens { running.stop { [self] in end(run) } }
            return ListenAddress(running.address)
        } catch {
            end(run)
            throw ListenError(error, address: place.description)
        }
    }

    /// Listens, logs where, and serves until the task is cancelled, `close` is called or the process is told to end; then
    /// closes gracefully.
    ///
    /// While it runs, `signals` close the server instead of ending the process, also for a process that is the first of its
    /// container; one more of them before that is done ends the process at once, with the status 128 and the signal's
    /// number. What the process did at these signals before, it does again once this returns. With two servers in one
    /// process, both close.
    ///
    /// - Parameters:
    ///   - host: Where, as with `listen`.
    ///   - port: Zero lets the system choose.
    ///   - tls: Who the server is, for `https` and `wss` instead of `http` and `ws`.
    ///   - signals: At which signals the server closes; `[]` leaves all of them to the application.
    ///   - time: How long clients may be had to go elsewhere before, as with `shutdown`; by default no time.
    /// - Throws: `ListenError`.
    public func run(
        host: String? = nil, port: Int, tls: ServerTLS? = nil,
        stopOn signals: Set<StopSignal> = [.terminate, .interrupt], draining time: Duration = .zero
    ) async throws(ListenError) {
        // From before on: a signal may come while it begins.
        let watch = StopWatch(signals) { [self] signal in
            beginShutdown(draining: time)
            let pause = time > .zero ? " once its clients have left, in \(time) at most" : ""
            configuration.logger.log(at: .info, "\(signal): the server closes\(pause)")
        }
        defer { watch.end() }
        let address = try await listen(host: host, port: port, tls: tls)
        configuration.logger.log(at: .info, "listening on \(address.url(isSecure: tls != nil))")
        if watch.hasFired { beginShutdown(draining: time) }
        await waitUntilClosed(draining: time)
    }

    /// Returns when the server is closed, or does not listen; closes it if the task is cancelled.
    public func waitUntilClosed() async {
        await waitUntilClosed(draining: .zero)
    }

    private func waitUntilClosed(draining time: Duration) async {
        guard let run = state.withLock({ $0.run }) else { return }
        await withTaskCancellationHandler {
            await run.wait()
        } onCancel: {
            // Not another one that began to listen meanwhile.
            beginShutdown(of: run, draining: time)
        }
    }

    /// Ends all sessions with `server shutting down`, stops listening, and returns when all is closed.
    ///
    /// Clients see their connection end and reconnect, to another server or to the next one here. The server keeps what
    /// is registered and can listen again.
    public func close() async {
        guard let run = beginClose() else { return }
        await run.wait()
    }

    /// Has the clients go elsewhere one after the other, and closes then; returns when all is closed.
    ///
    /// `HTTPRoutes.readiness(_:_:)` says no from now on, and new sessions are refused with 503; plain HTTP is answered as
    /// before. Half of the time is for asking all clients to leave, at most ten milliseconds for each, so that they do not
    /// all come to the next server at once: each sees its connection end after what was sent, and reconnects. One whose
    /// handlers are under way, or who is asked for an acknowledgement, is left until that is settled, or the time is over.
    /// What is left then is closed as with `close`, which can also be called meanwhile, to end at once.
    ///
    /// - Parameter time: How long it may take in all. With zero it is `close`.
    public func shutdown(draining time: Duration = .seconds(10)) async {
        guard let run = beginShutdown(draining: time) else { return }
        await run.wait()
    }

    /// - Returns: What is to be waited for, if anything is.
    @discardableResult
    private func beginClose() -> ServerRun? {
        guard let run = state.withLock({ $0.run }) else { return nil }
        beginClose(of: run)
        return run
    }

    private func beginClose(of run: ServerRun) {
        let running = state.withLock { state in
            let running = state.close(run)
            if running != nil { http.readiness.isReady = false }
            return running
        }
        guard let running else { return }
        running.stop { [self] in end(run) }
    }

    /// - Returns: What is to be waited for, if anything is.
    @discardableResult
    private func beginShutdown(draining time: Duration) -> ServerRun? {
        guard let run = state.withLock({ $0.run }) else { return nil }
        beginShutdown(of: run, draining: time)
        return run
    }

    private func beginShutdown(of run: ServerRun, draining time: Duration) {
        guard time > .zero else { return beginClose(of: run) }
        let running = state.withLock { state in
            let running = state.drain(run)
            if running != nil { http.readiness.isReady = false }
            return running
        }
        running?.drain(within: time.bounded) { [self] in beginClose(of: run) }
    }

    private func end(_ run: ServerRun) {
        state.withLock { $0 = .idle }
        run.end()
    }

    /// Calls `body` on the loop of each shard, and returns the results.
    package func onEachShard<Result: Sendable>(
        _ body: @escaping @Sendable (EngineShard) -> Result
    ) async -> [Result] {
        let shards = shards
        var results: [Result] = []
        for shard in shards { results.append(await shard.loop.call { _ in body(shard.value) }) }
        return results
    }

    /// The shards while the server listens.
    package var shards: [LoopBound<EngineShard>] { running?.shards ?? [] }
}
