public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension Socket: JavaScriptEmitter, JavaScriptReceiver {}
extension ModifiedSocket: JavaScriptEmitter {}

extension Socket {
    @available(*, unavailable, renamed: "isConnected")
    public var connected: Bool { isConnected }

    @available(*, unavailable, message: "ask for the opposite: !socket.isConnected")
    public var disconnected: Bool { !isConnected }

    @available(*, unavailable, renamed: "namespace")
    public var nsp: Namespace { namespace }

    @available(
        *, unavailable, renamed: "handshake", message: "the handshake has the request's headers, query and address."
    )
    public var request: Handshake { handshake }

    @available(
        *, unavailable,
        message:
            "the connection is not shown: what it brought along is in socket.handshake, what it is now says socket.transport, and socket.onUpgrade when that changes."
    )
    public var conn: JavaScriptValue { fatalError() }

    @available(*, unavailable, message: "the connection is not shown: what it brought along is in socket.handshake.")
    public var client: JavaScriptValue { fatalError() }

    @available(
        *, unavailable,
        message: "a handler may use the server that it was registered on; the socket's namespace is socket.namespace."
    )
    public var server: SocketIOServer { fatalError() }

    @available(*, unavailable, renamed: "isRecovered")
    public var recovered: Bool { fatalError() }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: some Any) -> Socket { self }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: Duration) -> Socket { self }

    @available(
        *, unavailable,
        message: "there is no `next`: return to let the event pass, or throw to refuse it: use { event in … }"
    )
    public func use<Result>(_ middleware: @escaping @Sendable (JavaScriptValue, JavaScriptValue) async throws -> Result)
    {
        fatalError()
    }

    @available(*, unavailable, renamed: "send(_:)")
    public func write<each Argument: Encodable>(_ arguments: repeat each Argument) { fatalError() }

    @available(
        *, unavailable, renamed: "off(_:)",
        message: "off(name) removes all handlers of an event, and what `on` returned has cancel() for one."
    )
    public func removeAllListeners(_ name: String) { fatalError() }

    @available(
        *, unavailable, renamed: "off(_:)",
        message: "off(name) removes all handlers of an event, and what `on` returned has cancel() for one."
    )
    public func removeListener(_ name: String) { fatalError() }

    @available(*, unavailable, renamed: "off()")
    public func removeAllListeners() { off() }

    @available(
        *, unavailable, message: "what `on` returned has cancel() for one handler; off(name) removes all of an event."
    )
    public func off(_ name: String, _ handler: some Any) { fatalError() }

    @available(*, unavailable, message: "leave(_:) takes the rooms: socket.leave(Array(socket.rooms))")
    public func leaveAll() { fatalError() }
}

extension Handshake {
    @available(*, unavailable, message: "its type is the application's: try socket.handshake.auth(as: Login.self)")
    public var auth: JavaScriptValue { fatalError() }
}

extension Set<Room> {
    @available(*, unavailable, renamed: "contains(_:)")
    public func has(_ room: Room) -> Bool { contains(room) }

    @_disfavoredOverload
    @available(*, unavailable, renamed: "contains(_:)")
    public func has(_ room: String) -> Bool { contains(Room(room)) }

    @available(*, unavailable, renamed: "count")
    public var size: Int { count }
}
