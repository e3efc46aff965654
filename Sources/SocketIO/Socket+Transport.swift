public import EngineIO
internal import NetLoop

extension Socket {
    /// What the client's packets travel by now; once the socket is gone, what they did by then. JavaScript's
    /// `socket.conn.transport.name`.
    ///
    /// Most clients begin with long-polling, and go on over WebSocket some milliseconds later, if that gets through.
    public var transport: TransportName { session.lastTransport }

    /// Calls `handler` on the socket's event loop once its client, which began with long-polling, goes on over WebSocket:
    /// JavaScript's `socket.conn.on("upgrade", …)`. What it throws goes to `SocketIOServer.onHandlerError`.
    ///
    /// ```swift
    /// io.onConnection { socket in
    ///     socket.onUpgrade { print(socket.id, "goes on over", socket.transport) }
    /// }
    /// ```
    /// At most once: a session does not go back. Not at all if it uses WebSocket already, which `transport` says.
    public func onUpgrade(_ handler: @escaping @Sendable () throws -> Void) {
        perform(.addUpgrade(.immediate { _, _ in try handler() }))
    }
}

extension SocketCore {
    /// The session goes on over WebSocket, and is in the middle of that: the application hears of it with a later turn.
    func upgraded() {
        if isConnected { shard.server.administration?.upgraded(socket) }
        guard let handlers = extras?.upgrade, !handlers.isEmpty else { return }
        loop.post(SocketUpgrade(socket: socket, handlers: handlers))
    }
}

private struct SocketUpgrade: LoopMessage {
    let socket: Socket
    let handlers: [LifecycleHandler<Void>]

    func deliver(on loop: EventLoop) {
        for handler in handlers where socket.isReachable { handler.call(socket, ()) }
    }
}
