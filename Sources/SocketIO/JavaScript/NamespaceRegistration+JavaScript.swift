public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension NamespaceRegistration {
    @discardableResult
    @available(
        *, unavailable, renamed: "onConnection(_:)",
        message:
            "a new socket has onConnection { socket in … }. An event without arguments asks for the closure's type: { (socket: Socket) in … }."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (Socket) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @available(*, unavailable, message: "it has no name: onConnection { socket in … }")
    public func onConnection(_ name: String, _ handler: @escaping @Sendable (Socket) async throws -> Void) {
        fatalError()
    }

    @available(
        *, unavailable,
        message:
            "there is no `next`: return to let the socket in, or throw ConnectionRefused(…) to refuse it: use { socket in … }"
    )
    public func use<Result>(_ middleware: @escaping @Sendable (Socket, JavaScriptValue) async throws -> Result) {
        fatalError()
    }
}

extension NamespaceRegistration {
    @available(
        *, unavailable, message: "the answers are awaited: await io.serverSideEmitWithAck(…, replying: Int.self)"
    )
    public func serverSideEmit<each Argument: Encodable>(
        _ name: String, _ arguments: repeat each Argument, acknowledged: (JavaScriptValue, JavaScriptValue) -> Void
    ) { fatalError() }
}

extension NamespaceRegistration {
    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (socket: Socket, text: String) in … }. A new socket has onConnection, and its end onDisconnect."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (Socket, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (socket: Socket, text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (socket: Socket, text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func on<Result>(
        _ name: String,
        _ handler:
            @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "a handler returns values of one type that is Encodable: declare a struct or an enum, or return JSONValue."
    )
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Any
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "what a handler takes is Decodable and Sendable, and what it returns is Encodable and Sendable."
    )
    public func on<Receiver: HandledSocket, each Argument, Result>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Result
    ) -> EventSubscription { fatalError() }
}

// Declared events whose closure has another number of parameters than the declaration says.
extension NamespaceRegistration {
    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (Socket) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (Socket, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>,
        _ handler:
            @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>, _ handler: @escaping @Sendable (Socket) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler:
            @escaping @Sendable (Socket, JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }
}
