public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension ClientSocket: JavaScriptEmitter, JavaScriptReceiver {}
extension VolatileClientSocket: JavaScriptEmitter {}

extension ClientSocket {
    @available(*, unavailable, renamed: "isConnected")
    public var connected: Bool { isConnected }

    @available(*, unavailable, message: "ask for the opposite: !socket.isConnected")
    public var disconnected: Bool { !isConnected }

    @available(*, unavailable, renamed: "isActive")
    public var active: Bool { isActive }

    @available(*, unavailable, renamed: "isRecovered")
    public var recovered: Bool { isRecovered }

    @available(*, unavailable, renamed: "namespace")
    public var nsp: String { namespace }

    @available(*, unavailable, renamed: "manager")
    public var io: ClientManager { manager }

    @available(*, unavailable, message: "use setAuth(_:), or manager.socket(auth:).")
    public var auth: JavaScriptValue {
        get { fatalError() }
        set { fatalError() }
    }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: some Any) -> ClientSocket { self }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: Duration) -> ClientSocket { self }

    @available(
        *, unavailable, message: "what is compressed is decided by its size: see configuration.perMessageDeflate."
    )
    public func compress(_ compress: Bool) -> ClientSocket { self }

    @available(*, unavailable, renamed: "disconnect()")
    public func close() { disconnect() }

    @available(*, unavailable, renamed: "off()")
    public func removeAllListeners() { off() }

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

    @available(
        *, unavailable, message: "what `on` returned has cancel() for one handler; off(name) removes all of an event."
    )
    public func off(_ name: String, _ handler: some Any) { fatalError() }
}

extension ClientManager {
    @discardableResult
    @available(
        *, unavailable,
        message:
            "use onReconnect, onReconnectAttempt, onReconnectError, onReconnectFailed, onError, onPing, onOpen or onClose; events are of a socket: manager.socket().on(…)."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable (JavaScriptValue) async throws -> Result
    ) -> EventSubscription { fatalError() }

    @discardableResult
    @available(
        *, unavailable,
        message:
            "use onReconnect, onReconnectAttempt, onReconnectError, onReconnectFailed, onError, onPing, onOpen or onClose; events are of a socket: manager.socket().on(…)."
    )
    public func on<Result>(
        _ name: String, _ handler: @escaping @Sendable () async throws -> Result
    ) -> EventSubscription { fatalError() }
}

@available(*, unavailable, message: "a connection is a manager's: ClientManager(url: …).socket()")
public func io(_ url: String) -> ClientSocket { fatalError() }

@available(*, unavailable, message: "a connection is a manager's: ClientManager(url: …).socket(auth: …)")
public func io<Options>(_ url: String, _ options: Options) -> ClientSocket { fatalError() }
