internal import SocketIO

// What Node's adapters and emitters have, and is otherwise here: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension RedisStreamsAdapter.Options {
    @available(
        *, unavailable,
        message: "there is one stream: of several, Node's adapter writes some namespaces to streams that nobody reads."
    )
    public var streamCount: Int {
        get { fatalError() }
        set { fatalError() }
    }

    @available(*, unavailable, renamed: "maxLength")
    public var maxLen: Int {
        get { fatalError() }
        set { fatalError() }
    }

    @available(*, unavailable, renamed: "usesShardedPubSub")
    public var useShardedPubSub: Bool {
        get { fatalError() }
        set { fatalError() }
    }
}

extension SocketIOEmitter {
    @available(*, unavailable, renamed: "namespace(_:)")
    public func of(_ name: String) -> SocketIOEmitter { namespace(name) }

    @available(*, unavailable, renamed: "to(_:)")
    public func `in`(_ room: String) -> SocketIOEmitter { to(room) }
}
