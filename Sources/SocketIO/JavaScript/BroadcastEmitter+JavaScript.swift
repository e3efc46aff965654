public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension BroadcastEmitter {
    @available(*, unavailable, renamed: "sockets()")
    public func fetchSockets() async -> RemoteSockets { fatalError() }

    @available(*, unavailable, message: "their ids are Set(await io.sockets().map(\\.id))")
    public func allSockets() async -> Set<SocketID> { fatalError() }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: some Any) -> Broadcast { broadcast }

    @available(*, unavailable, message: "the time is an argument: emitWithAck(…, timeout: .seconds(5))")
    public func timeout(_ time: Duration) -> Broadcast { broadcast }
}
