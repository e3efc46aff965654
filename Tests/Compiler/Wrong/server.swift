import SocketIO

// Lines that a JavaScript author types, and what the compiler must say of each. The words of a comment are looked for in
// an error on its line, and no other line may have one; `// fix:` is what a fix-it puts there.

struct NotCodable: Sendable {}
struct Failure: Error {}

func connecting(io: SocketIOServer, admin: Namespace) {
    io.on("connection") { socket in print("hi") }  // error: onConnection { socket in … }
    io.on("connection") { socket in  // error: onConnection { socket in … }
        print("hi")
        socket.emit("welcome", "hello")
        socket.on("chat") { (text: String) in io.emit("chat", text) }
    }
    admin.on("connection") { socket in print("hi") }  // error: onConnection { socket in … }
    admin.on("connection") { socket in  // error: onConnection { socket in … }
        print("hi")
        try await Task.sleep(for: .seconds(1))
    }
    io.on("connection", { socket in print(socket.id) })  // error: onConnection { socket in … }
    io.on("connection") { _ in print("hi") }  // error: onConnection { socket in … }
    io.onConnection("connection") { socket in print("hi") }  // error: it has no name
    io.on("disconnect") { socket, reason in print(reason) }  // error: onDisconnect
    io.of("/admin").onConnection { socket in }  // error: 'of' has been renamed to 'namespace(_:)'
    io.sockets.emit("x", 1)  // error: stands for its main namespace
    for socket in io.sockets.sockets { print(socket) }  // error: stands for its main namespace
    print(io.engine.clientsCount)  // error: io.counts
    io.engine.use { request, response, next in next() }  // error: middlewares.append
    io.engine.on("initial_headers") { headers, request in print(headers) }  // error: initial_headers and headers
    io.engine.on("connection_error") { error in print(error) }  // error: io.onConnectionError
    print(admin.sockets.size)  // error: await namespace.sockets()
    print(io.namespace("/").adapter.rooms)  // error: socket.rooms
    io.path("/ws")  // error: io.configuration.engine.path
    io.listen(3000)  // error: 'listen' has been renamed to 'listen(port:)' // fix: port:
}

func middlewares(io: SocketIOServer, admin: Namespace) {
    io.use { socket, next in next() }  // error: ConnectionRefused
    io.use { socket, next in  // error: ConnectionRefused
        if socket.handshake.headers["x"] == nil { next(Failure()) } else { next() }
    }
    io.use { (socket, next) in next() }  // error: ConnectionRefused
    admin.use { socket, next in next() }  // error: ConnectionRefused
}

func values(socket: Socket, io: SocketIOServer, some: [String: Any], list: [Any]) {
    socket.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    socket.emit("x", ["a", 1])  // error: as JSONValue
    socket.emit("x", some)  // error: as JSONValue
    socket.emit("x", list)  // error: as JSONValue
    socket.emit("x", [["a": 1, "b": "two"], ["a": 2]])  // error: as JSONValue
    socket.emit("x", ["a": ["b": 1, "c": "two"]])  // error: as JSONValue
    socket.emit("x", [])  // error: as JSONValue
    socket.volatile.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    io.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    io.to("room").emit("x", ["a", 1])  // error: as JSONValue
    socket.broadcast.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    socket.emit("x", NotCodable())  // error: what is sent is Encodable
    socket.emit("x", (1, 2))  // error: what is sent is Encodable
    socket.emit("x", some["a"])  // error: what is sent is Encodable
    io.emit("x", NotCodable())  // error: what is sent is Encodable
    socket.emit("x", 1) { reply in print(reply) }  // error: emitWithAck
    socket.emit("x", 1) { (reply: Int) in print(reply) }  // error: emitWithAck
    socket.emit("x") { print("acknowledged") }  // error: emitWithAck
    io.to("room").emit("x", 1) { error, replies in print(replies) }  // error: emitWithAck
}

func replies(socket: Socket, io: SocketIOServer) async throws {
    let untyped = try await socket.emitWithAck("x", 1)  // error: say what type the reply has
    print(try await socket.emitWithAck("x"))  // error: say what type the reply has
    let late: Int = try await socket.timeout(5000).emitWithAck("x", 1)  // error: timeout: .seconds(5)
    let later: Int = try await socket.timeout(.seconds(5)).emitWithAck("x", 1)  // error: timeout: .seconds(5)
    _ = await io.timeout(5000).emitWithAck("x", 1, replying: Int.self)  // error: timeout: .seconds(5)
}

func handlers(socket: Socket, io: SocketIOServer) {
    socket.on("x") { a in }  // error: name the types
    socket.on("x") { a in print(a) }  // error: name the types
    socket.on("x") { a in  // error: name the types
        print(a)
        print("more")
    }
    socket.on("x") { a in  // error: name the types
        await Task.yield()
        print(a)
    }
    socket.on("x") { data in  // error: name the types
        let text = data.text
        socket.emit("y", text)
    }
    socket.on("x") { a, b in print(a, b) }  // error: name the types
    socket.on("x") { a, b, c in print(a, b, c) }  // error: name the types
    socket.on("x") { print($0) }  // error: name the types
    socket.on("x") { _ in print("x") }  // error: name the types
    socket.on("x") { (a, ack) in ack("ok") }  // error: Ack<String>
    socket.on("x") { a, ack in  // error: Ack<String>
        print(a)
        ack("ok")
    }
    socket.once("x") { a in print(a) }  // error: name the types
    socket.on("disconnect") { reason in print(reason) }  // error: onDisconnect
    socket.on("x") { (a: Int) in  // error: one type
        if a > 1 { return 1 }
        return "x"
    }
    socket.on("x") { (a: Int) -> NotCodable in NotCodable() }  // error: one type
    socket.on("x") { (a: NotCodable) in print(a) }  // error: what a handler takes is Decodable
    io.on("x") { socket, text in socket.emit("y", "z") }  // error: name the types
    io.on("x") { socket, a, b in print(a, b) }  // error: name the types
    io.on("x") { (socket: Socket, a: Int) in  // error: one type
        if a > 1 { return 1 }
        return "x"
    }
}

func members(socket: Socket, io: SocketIOServer) async {
    if socket.connected {}  // error: 'connected' has been renamed to 'isConnected' // fix: isConnected
    if socket.disconnected {}  // error: !socket.isConnected
    print(socket.nsp.name)  // error: 'nsp' has been renamed to 'namespace' // fix: namespace
    print(socket.request.headers)  // error: the handshake has // fix: handshake
    print(socket.conn.remoteAddress)  // error: socket.handshake
    socket.conn.on("upgrade") { print(socket.conn.transport.name) }  // error: socket.onUpgrade
    print(socket.client.id)  // error: socket.handshake
    print(socket.handshake.auth.token)  // error: auth(as: Login.self)
    let token: String = socket.handshake.auth.token  // error: auth(as: Login.self)
    socket.disconnect(true)  // error: missing argument label // fix: closingConnection:
    io.disconnectSockets(true)  // error: missing argument label // fix: closingConnection:
    socket.use { event, next in next() }  // error: there is no `next`
    socket.removeAllListeners("x")  // error: 'removeAllListeners' has been renamed to 'off(_:)'
    socket.leaveAll()  // error: socket.rooms
    if socket.rooms.has("x") {}  // error: 'has' has been renamed to 'contains(_:)' // fix: contains
    if socket.recovered {}  // error: 'recovered' has been renamed to 'isRecovered' // fix: isRecovered
    io.in("x").emit("y")  // error: 'in' has been renamed to 'to(_:)' // fix: to
    for socket in await io.fetchSockets() { print(socket) }  // error: renamed to 'sockets()'
    for socket in await io.in("x").fetchSockets() { print(socket) }  // error: 'in' has been renamed
    for socket in await io.to("x").fetchSockets() { print(socket) }  // error: renamed to 'sockets()'
    io.serverSideEmit("x", 1) { error, replies in print(replies) }  // error: serverSideEmitWithAck
}

extension Event { static var moved: Event<Int, Int> { Event<Int, Int>("moved") } }
extension Request { static var double: Request<Int, Int> { Request<Int, Int>("double", replying: Int.self) } }

func declared(socket: Socket, io: SocketIOServer) {
    socket.on(.moved) { x in print(x) }  // error: another number of arguments
    socket.on(.moved) { print("moved") }  // error: another number of arguments
    socket.on(.moved) { x, y, z in print(x, y, z) }  // error: another number of arguments
    socket.on(.double) { 7 }  // error: another number of arguments
    io.on(.moved) { socket, x in print(x) }  // error: another number of arguments
    io.on(.double) { socket in 7 }  // error: another number of arguments
    socket.emit(.moved, 3)  // error: have the same shape
}
