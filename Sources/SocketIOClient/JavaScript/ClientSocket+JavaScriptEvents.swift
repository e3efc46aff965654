public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it.

extension ClientSocket {
    @available(
        *, unavailable,
        message:
            "the values have several types: declare a struct that is Encodable, or write `as JSONValue` behind the literal."
    )
    public func emit(_ name: String, _ value: [String: Any]) { fatalError() }

    @available(
        *, unavailable,
        message:
            "the values have several types: declare a struct that is Encodable, or write `as JSONValue` behind the literal."
    )
    public func emit(_ name: String, _ values: [Any]) { fatalError() }

    @_disfavoredOverload
    @available(*, unavailable, message: "what is sent is Encodable; for any JSON there is JSONValue.")
    public func emit<Value>(_ name: String, _ value: Value) { fatalError() }

    @available(
        *, unavailable, message: "the acknowledgement is awaited: let reply: Int = try await socket.emitWithAck(…)"
    )
    public func emit<each Argument: Encodable, each Reply>(
        _ name: String, _ arguments: repeat each Argument, acknowledged: (repeat each Reply) -> Void
    ) { fatalError() }

    @available(
        *, unavailable, message: "the acknowledgement is awaited: let reply: Int = try await socket.emitWithAck(…)"
    )
    public func emit<each Argument: Encodable>(
        _ name: String, _ arguments: repeat each Argument, acknowledged: (JavaScriptValue) -> Void
    ) { fatalError() }

    @available(
        *, unavailable, message: "the acknowledgement is awaited: let reply: Int = try await socket.emitWithAck(…)"
    )
    public func emit<each Argument: Encodable>(
        _ name: String, _ arguments: repeat each Argument, acknowledged: (JavaScriptValue, JavaScriptValue) -> Void
    ) { fatalError() }
}

extension ClientSocket {
    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. The moments of a connection have onConnect, onConnectError and onDisconnect."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func on<Result>(
        _ name: String,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. The moments of a connection have onConnect, onConnectError and onDisconnect."
    )
    public func once<Result>(
        _ name: String, _ handler: @escaping @Sendable (JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func once<Result>(
        _ name: String, _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. To acknowledge, return a value, or take an Ack last: { (id: Int, ack: Ack<String>) in … }."
    )
    public func once<Result>(
        _ name: String,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "a handler returns values of one type that is Encodable: declare a struct or an enum, or return JSONValue."
    )
    public func on<each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Any
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "what a handler takes is Decodable and Sendable, and what it returns is Encodable and Sendable."
    )
    public func on<each Argument, Result>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Result
    ) -> EventSubscription { fatalError() }
}

extension ClientSocket {
    @available(*, unavailable, message: "say what type the reply has, as in let reply: Int = try await …")
    public func emitWithAck<each Argument: Encodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws -> Any { fatalError() }
}

extension VolatileClientSocket {
    @available(
        *, unavailable,
        message:
            "the values have several types: declare a struct that is Encodable, or write `as JSONValue` behind the literal."
    )
    public func emit(_ name: String, _ value: [String: Any]) { fatalError() }

    @available(
        *, unavailable,
        message:
            "the values have several types: declare a struct that is Encodable, or write `as JSONValue` behind the literal."
    )
    public func emit(_ name: String, _ values: [Any]) { fatalError() }

    @_disfavoredOverload
    @available(*, unavailable, message: "what is sent is Encodable; for any JSON there is JSONValue.")
    public func emit<Value>(_ name: String, _ value: Value) { fatalError() }
}

// Declared events whose closure has another number of parameters than the declaration says.
extension ClientSocket {
    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable () async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Result>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>, _ handler: @escaping @Sendable () async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @_disfavoredOverload
    @discardableResult
    @available(
        *, unavailable,
        message: "the declaration of the event has another number of arguments than the closure has parameters."
    )
    public func on<each Argument, Reply, Result>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (JavaScriptValue, JavaScriptValue, JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }
}
