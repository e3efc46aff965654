public import SocketIOEvents

/// Where handlers for all sockets of a namespace are registered: a `Namespace`, or the server for `/`.
///
/// Registered once, they cost nothing for each connection. Registration is possible at any time and from any thread;
/// sockets that are connected already see later handlers too.
public protocol NamespaceRegistration: Sendable {
    /// The namespace that is meant.
    var registrationNamespace: Namespace { get }
}

extension NamespaceRegistration {
    /// Adds a check that every new socket passes before it is connected, in the order added.
    ///
    /// Throwing refuses the socket: `ConnectionRefused` with its message and data. Another error goes to
    /// `SocketIOServer.onHandlerError`, and the client is told no more than `Connection refused`.
    ///
    /// ```swift
    /// io.use { socket in
    ///     let login = try socket.handshake.auth(as: Login.self)
    ///     guard !login.name.isEmpty else { throw ConnectionRefused("a name is required") }
    /// }
    /// ```
    public func use(_ middleware: @escaping @Sendable (Socket) throws -> Void) {
        registrationNamespace.register { $0.middlewares.append(.immediate(middleware)) }
    }

    /// Adds an asynchronous check; see the synchronous form.
    ///
    /// Its task is cancelled when the client leaves before it has decided, or connects anew; what it decides then counts
    /// no more. The log says so at debug level.
    public func use(_ middleware: @escaping @Sendable (Socket) async throws -> Void) {
        registrationNamespace.register { $0.middlewares.append(.asynchronous(middleware)) }
    }

    /// Calls `handler` for each socket that has connected, on the socket's event loop.
    ///
    /// Handlers that it registers before its first `await` see every event.
    public func onConnection(_ handler: @escaping @Sendable (Socket) throws -> Void) {
        registrationNamespace.register { $0.connection.append(.immediate { socket, _ in try handler(socket) }) }
    }

    /// Calls the asynchronous `handler` for each socket that has connected.
    public func onConnection(_ handler: @escaping @Sendable (Socket) async throws -> Void) {
        registrationNamespace.register {
            $0.connection.append(.asynchronous { socket, _ in try await handler(socket) })
        }
    }

    /// Calls `handler` when a socket is about to be gone, while its `rooms` still tell where it was.
    public func onDisconnecting(_ handler: @escaping @Sendable (Socket, DisconnectReason) throws -> Void) {
        registrationNamespace.register { $0.disconnecting.append(.immediate(handler)) }
    }

    /// Calls `handler` when a socket is gone.
    public func onDisconnect(_ handler: @escaping @Sendable (Socket, DisconnectReason) throws -> Void) {
        registrationNamespace.register { $0.disconnect.append(.immediate(handler)) }
    }

    /// Calls the asynchronous `handler` when a socket is gone.
    public func onDisconnect(_ handler: @escaping @Sendable (Socket, DisconnectReason) async throws -> Void) {
        registrationNamespace.register { $0.disconnect.append(.asynchronous(handler)) }
    }

    /// Calls `handler` for every event of every socket, before the event's own handlers.
    public func onAny(
        _ handler: @escaping @Sendable (_ socket: Socket, _ name: String, _ arguments: [JSONValue]) -> Void
    ) {
        registrationNamespace.register { $0.any.append(handler) }
    }

    /// Calls `handler` for each `event` of any socket; order and errors as with `Socket.on`.
    ///
    /// ```swift
    /// io.on(.message) { socket, message in socket.to("lobby").emit(.message, message) }
    /// ```
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(event.name, EventHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each `event` of any socket.
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(event.name, EventHandler.body(async: handler))
    }

    /// Answers each `request` of any socket with what `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        add(request.name, replies: true, EventHandler.body(replying: handler))
    }

    /// Answers each `request` of any socket with what the asynchronous `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(request.name, replies: true, EventHandler.body(asyncReplying: handler))
    }

    /// Calls `handler` for each event `name` of any socket, with one argument, as most events have.
    @discardableResult
    public func on<Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Socket, Argument) throws -> Void
    ) -> EventSubscription {
        add(name, EventHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each event `name` of any socket, with one argument.
    @discardableResult
    public func on<Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Socket, Argument) async throws -> Void
    ) -> EventSubscription {
        add(name, EventHandler.body(async: handler))
    }

    /// Answers each event `name` of any socket, with one argument, with what `handler` returns.
    @discardableResult
    public func on<Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Socket, Argument) throws -> Reply
    ) -> EventSubscription {
        add(name, replies: true, EventHandler.body(replying: handler))
    }

    /// Calls `handler` for each event `name` of any socket, with arguments of the types that the closure names.
    ///
    /// ```swift
    /// io.on("echo") { (socket: Socket, text: String) in socket.emit("echo", text) }
    /// ```
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(name, EventHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each event `name` of any socket.
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(name, EventHandler.body(async: handler))
    }

    /// Answers each event `name` of any socket with what `handler` returns.
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        add(name, replies: true, EventHandler.body(replying: handler))
    }

    /// Answers each event `name` of any socket with what the asynchronous `handler` returns.
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(name, replies: true, EventHandler.body(asyncReplying: handler))
    }

    func add(
        _ name: EventName, replies: Bool = false, _ body: @escaping EventHandler.Body
    ) -> EventSubscription {
        let bytes = Array(name.description.utf8)
        let handler = EventHandler(of: bytes, replies: replies, body)
        let namespace = registrationNamespace
        if name == "connection" { namespace.context.logConnectionEvent() }
        namespace.change(.add(handler, name: bytes))
        let id = handler.id
        return EventSubscription { namespace.change(.remove(id: id, name: bytes)) }
    }

    /// Removes the namespace's handlers of `name`; those of single sockets stay.
    public func off(_ name: EventName) {
        registrationNamespace.change(.removeAll(name: Array(name.description.utf8)))
    }
}
