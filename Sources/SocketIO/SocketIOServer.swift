public import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A Socket.IO server: named events, acknowledgements, rooms and namespaces for unmodified `socket.io-client`s.
///
/// ```swift
/// let io = SocketIOServer()
///
/// io.onConnection { socket in
///     socket.join("lobby")
///     socket.on("chat") { (text: String) in io.to("lobby").emit("chat", text) }
/// }
///
/// try await io.run(port: 3000)
/// ```
///
/// The server itself stands for its main namespace `/`. Everything here may be called from any thread.
public final class SocketIOServer: NamespaceRegistration, BroadcastEmitter {
    let context: ServerContext
    let transports: EngineIOServer
    private let main: Namespace

    /// A server that does not listen yet.
    public init(_ configuration: Configuration = Configuration()) {
        context = ServerContext()
        context.configuration = configuration
        transports = EngineIOServer(below: context)
        main = context.namespace("/")
    }

    deinit {
        // One that listens goes on without this object, until the process ends.
        if context.shards.isEmpty { context.forgetAll() }
    }

    /// What the server does; changes have no effect until the next `listen`.
    public var configuration: Configuration {
        get { context.configuration }
        set { context.configuration = newValue }
    }

    /// Plain HTTP on the same port: pages, files, calls.
    public var http: HTTPRoutes { transports.http }

    public var registrationNamespace: Namespace { main }
    public var broadcast: Broadcast { main.broadcast }

    /// The namespace `name`, made at the first call; `/` is the main one. A missing leading slash is added. Names are
    /// compared by their bytes. No client can name one with a comma, or of more than 512 bytes: the log says so.
    public func namespace(_ name: String) -> Namespace {
        // Asked of the bytes: to `hasPrefix` a slash is not there if an accent follows it.
        context.namespace(name.utf8.first == UInt8(ascii: "/") ? name : "/" + name)
    }

    /// JavaScript's `of`.
    @available(*, unavailable, renamed: "namespace(_:)")
    public func of(_ name: String) -> Namespace { namespace(name) }

    /// Calls `handler` when a handler throws, a middleware throws anything but `ConnectionRefused`, an event's arguments
    /// are not of its types, or what one socket is to be sent cannot be encoded.
    ///
    /// ```swift
    /// io.onHandlerError { failure in print(failure.event ?? "-", failure.socket.id, failure.error) }
    /// ```
    /// One handler; a second call replaces the first. Without one, these are logged as warnings: each event's first, and
    /// how many followed in each minute. A broadcast that cannot be encoded belongs to no one socket: it is logged as an
    /// error, and all who should have answered it are missing.
    public func onHandlerError(_ handler: @escaping @Sendable (_ failure: HandlerFailure) -> Void) {
        context.setErrorHandler(handler)
    }

    /// Calls `handler` for each handshake that is refused, and each request for a session that there is not, after it is
    /// answered and on the event loop that read it: JavaScript's `io.engine.on("connection_error", …)`.
    ///
    /// ```swift
    /// io.onConnectionError { error in print(error.code, error.context ?? "-", error.request.remoteAddress) }
    /// ```
    /// One handler; a second call replaces the first. What a middleware refuses is no such error: the connection is there by
    /// then. A peer decides how often that is: write no line for each to a log that is kept.
    public func onConnectionError(_ handler: @escaping @Sendable (_ error: ConnectionError) -> Void) {
        transports.onConnectionError(handler)
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
        transports.configuration = configuration.served
        return try await transports.listen(host: host, port: port, tls: tls)
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
    ///   - time: How long clients may be had to go elsewhere before, as with `shutdown(draining:)`, at a signal or when the
    ///     task is cancelled; by default no time.
    /// - Throws: `ListenError`.
    public func run(
        host: String? = nil, port: Int, tls: ServerTLS? = nil,
        stopOn signals: Set<StopSignal> = [.terminate, .interrupt], draining time: Duration = .zero
    ) async throws(ListenError) {
        transports.configuration = configuration.served
        try await transports.run(host: host, port: port, tls: tls, stopOn: signals, draining: time)
        await settle()
    }

    /// Has the connections that come from now on see renewed certificates; those that are there stay as they are.
    ///
    /// ```swift
    /// try await io.reloadTLS()
    /// ```
    /// - Parameter tls: What takes the place of what `listen` or `run` was given. Nil for the same files, which are read again.
    /// - Throws: `ListenError` if a file is wrong, and if the server does not listen with TLS; then all stays as it was.
    public func reloadTLS(_ tls: ServerTLS? = nil) async throws(ListenError) {
        try await transports.reloadTLS(tls)
    }

    /// Returns when the server is closed; closes it if the task is cancelled.
    public func waitUntilClosed() async {
        await transports.waitUntilClosed()
        await settle()
    }

    /// Has the clients go elsewhere one after the other, and closes then; returns when all is closed.
    ///
    /// `HTTPRoutes.readiness(_:_:)` says no from now on, and new connections are refused with 503; plain HTTP is answered as
    /// before. Half of the time is for asking all clients to leave, at most ten milliseconds for each, so that they do not
    /// all come to the next server at once: each sees its connection end after what was sent, with `server shutting down`
    /// here and `transport close` there, and reconnects. A client whose handlers are under way, or who is asked for an
    /// acknowledgement, is left until that is settled, or the time is over. What is left then is closed as with `close`,
    /// which can also be called meanwhile, to end at once.
    ///
    /// - Parameter time: How long it may take in all. With zero it is `close`.
    public func shutdown(draining time: Duration = .seconds(10)) async {
        await transports.shutdown(draining: time)
        await settle()
    }

    /// Disconnects all sockets with `server shutting down`, stops listening, and returns when all is closed.
    ///
    /// The server keeps what is registered and can listen again. Handlers that hold the server keep it in memory, but not
    /// its threads and connections.
    public func close() async {
        await transports.close()
        await settle()
    }

    /// Who was here is to come back to another node, also if the process ends now.
    private func settle() async {
        await configuration.keepingAdapter?.settle()
    }
}
