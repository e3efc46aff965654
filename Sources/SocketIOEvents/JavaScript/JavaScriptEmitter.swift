// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

/// What events are sent with, in JavaScript's ways of doing that.
@_documentation(visibility: internal)
public protocol JavaScriptEmitter {}

extension JavaScriptEmitter {
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
