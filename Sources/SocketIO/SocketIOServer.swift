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
    private let transports: EngineIOServer
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
    /// compared by their bytes.
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
    /// One handler; without one, these are logged as warnings. A broadcast that cannot be encoded belongs to no one socket:
    /// it is logged as an error, and all who should have answered it are missing.
    public func onHandlerError(_ handler: @escaping @Sendable (Socket, any Error) -> Void) {
        context.setErrorHandler(handler)
    }

    /// Listens on a numeric address and serves in the background.
    ///
    /// - Parameters:
    ///   - host: `0.0.0.0` for all IPv4 addresses, `::` for all addresses.
    ///   - port: Zero lets the system choose.
    ///   - tls: Who the server is, for `https` and `wss` instead of `http` and `ws`.
    /// - Returns: The address that it listens on.
    /// - Throws: `ListenError`.
    @discardableResult
    public func listen(
        host: String = "0.0.0.0", port: Int, tls: ServerTLS? = nil
    ) async throws(ListenError) -> ListenAddress {
        transports.configuration = configuration.served
        return try await transports.listen(host: host, port: port, tls: tls)
    }

    /// Listens, and serves until the task is cancelled or `close` is called; then closes gracefully.
    ///
    /// - Throws: `ListenError`.
    public func run(host: String = "0.0.0.0", port: Int, tls: ServerTLS? = nil) async throws(ListenError) {
        try await listen(host: host, port: port, tls: tls)
        await waitUntilClosed()
    }

    /// Returns when the server is closed; closes it if the task is cancelled.
    public func waitUntilClosed() async {
        await transports.waitUntilClosed()
    }

    /// Disconnects all sockets with `server shutting down`, stops listening, and returns when all is closed.
    ///
    /// The server keeps what is registered and can listen again. Handlers that hold the server keep it in memory, but not
    /// its threads and connections.
    public func close() async {
        await transports.close()
    }
}
