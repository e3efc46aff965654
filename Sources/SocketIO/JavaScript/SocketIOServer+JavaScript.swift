public import SocketIOEvents

// What compiles in JavaScript, or is written there otherwise: each of these only says what to write instead. What the
// compiler prints is the interface, and Tests/Compiler holds it. Nothing can call them, which is what `fatalError` says.

extension SocketIOServer {
    @available(*, unavailable, renamed: "listen(port:)")
    public func listen(_ port: Int) { fatalError() }

    @available(*, unavailable, renamed: "run(port:)")
    public func run(_ port: Int) { fatalError() }

    @available(
        *, unavailable,
        message:
            "the transports are set in io.configuration.engine, where engine.use is middlewares.append, and initialPacket, initial_headers and headers have their names; refused handshakes are told to io.onConnectionError, and how many clients there are says io.counts."
    )
    public var engine: JavaScriptEngine { fatalError() }

    @available(
        *, unavailable, message: "the server itself stands for its main namespace: io.emit, io.to, io.onConnection."
    )
    public var sockets: JavaScriptValue { fatalError() }

    @available(
        *, unavailable,
        message:
            "the server itself listens: try await io.run(port: 3000); pages and calls over HTTP are in io.http. Beside a server of another kind: try await io.start(), and io.respond(to: request) for each of its requests."
    )
    public func attach(_ server: some Any) { fatalError() }

    @available(*, unavailable, message: "it is io.configuration.engine.path.")
    public func path(_ path: String) { fatalError() }
}

extension Namespace {
    @available(
        *, unavailable, message: "they live on several event loops, which are asked: await namespace.sockets()"
    )
    public var sockets: JavaScriptValue { fatalError() }

    @available(
        *, unavailable,
        message:
            "rooms are asked of sockets: socket.rooms, await namespace.sockets().rooms; their events are onRoomCreated and its siblings."
    )
    public var adapter: JavaScriptValue { fatalError() }
}
