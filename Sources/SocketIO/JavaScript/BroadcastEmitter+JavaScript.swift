public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it.

extension BroadcastEmitter {
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

extension BroadcastEmitter {
    @available(*, unavailable, renamed: "sockets()")
    public func fetchSockets() async -> RemoteSockets { fatalError() }

    @available(*, unavailable, message: "their ids are Set(await io.sockets().map(\\.id))")
    public func allSockets() async -> Set<SocketID> { fatalError() }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: some Any) -> Broadcast { broadcast }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: Duration) -> Broadcast { broadcast }

    @available(*, unavailable, message: "nothing is compressed yet; a proxy can.")
    public func compress(_ compress: Bool) -> Broadcast { broadcast }
}
