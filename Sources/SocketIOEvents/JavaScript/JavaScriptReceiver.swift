// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

/// What handlers are registered on, and what answers, in JavaScript's ways of doing that.
@_documentation(visibility: internal)
public protocol JavaScriptReceiver {}

extension JavaScriptReceiver {
    @discardableResult
    @available(
        *, unavailable,
        message:
            "name the types of the closure's parameters, as in { (text: String) in … }. The moments of a connection have methods of their own: onDisconnect, and on a client onConnect and onConnectError."
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
            "name the types of the closure's parameters, as in { (text: String) in … }. The moments of a connection have methods of their own: onDisconnect, and on a client onConnect and onConnectError."
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

extension JavaScriptReceiver {
    @available(*, unavailable, message: "say what type the reply has, as in let reply: Int = try await …")
    public func emitWithAck<each Argument: Encodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws -> Any { fatalError() }
}

// Declared events whose closure has another number of parameters than the declaration says.
extension JavaScriptReceiver {
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
