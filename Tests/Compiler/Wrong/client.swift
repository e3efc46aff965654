import SocketIOClient

// As in server.swift: what a JavaScript author types in a client.

struct NotCodable: Sendable {}

func members(socket: ClientSocket, manager: ClientManager) {
    if socket.connected {}  // error: 'connected' has been renamed to 'isConnected' // fix: isConnected
    if socket.disconnected {}  // error: !socket.isConnected
    if socket.active {}  // error: 'active' has been renamed to 'isActive' // fix: isActive
    if socket.recovered {}  // error: 'recovered' has been renamed to 'isRecovered' // fix: isRecovered
    print(socket.nsp)  // error: 'nsp' has been renamed to 'namespace' // fix: namespace
    print(socket.io.configuration)  // error: 'io' has been renamed to 'manager' // fix: manager
    socket.auth = ["token": "abc"]  // error: setAuth(_:)
    socket.auth.token = "abc"  // error: setAuth(_:)
    socket.close()  // error: 'close()' has been renamed to 'disconnect()' // fix: disconnect
    socket.removeAllListeners()  // error: 'removeAllListeners()' has been renamed to 'off()' // fix: off
    socket.removeAllListeners("x")  // error: 'removeAllListeners' has been renamed to 'off(_:)' // fix: off
    socket.compress(true).emit("x")  // error: decided by its size
    manager.on("reconnect") { attempt in print(attempt) }  // error: onReconnect
    manager.on("reconnect_failed") { print("failed") }  // error: onReconnect
    socket.io.on("reconnect") { attempt in print(attempt) }  // error: renamed to 'manager' // fix: manager
}

func handlers(socket: ClientSocket) {
    socket.on("disconnect") { reason in print(reason) }  // error: onDisconnect
    socket.on("connect_error") { error in print(error) }  // error: onConnectError
    socket.on("connect_error") { error in print(error.message) }  // error: onConnectError
    socket.on("x") { a in }  // error: name the types
    socket.on("x") { a in  // error: name the types
        print(a)
        print("more")
    }
    socket.on("x") { a, b in print(a, b) }  // error: name the types
    socket.once("x") { a in print(a) }  // error: name the types
    socket.on("x") { (a, ack) in ack("ok") }  // error: Ack<String>
    socket.on("x") { (a: Int) in  // error: one type
        if a > 1 { return 1 }
        return "x"
    }
    socket.on("x") { (a: NotCodable) in print(a) }  // error: what a handler takes is Decodable
}

func values(socket: ClientSocket, some: [String: Any]) {
    socket.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    socket.emit("x", ["a", 1])  // error: as JSONValue
    socket.emit("x", some)  // error: as JSONValue
    socket.volatile.emit("x", ["a": 1, "b": "two"])  // error: as JSONValue
    socket.emit("x", NotCodable())  // error: what is sent is Encodable
    socket.emit("x", 1) { reply in print(reply) }  // error: emitWithAck
    socket.emit("x", 1) { (reply: Int) in print(reply) }  // error: emitWithAck
    socket.emit("x") { print("acknowledged") }  // error: emitWithAck
}

func replies(socket: ClientSocket) async throws {
    let untyped = try await socket.emitWithAck("x", 1)  // error: say what type the reply has
    print(try await socket.emitWithAck("x"))  // error: say what type the reply has
    let late: Int = try await socket.timeout(5000).emitWithAck("x", 1)  // error: timeout: .seconds(5)
}

func opening() {
    let socket = io("http://localhost:3000")  // error: ClientManager(url:
    let named = io("http://localhost:3000", ["auth": 1])  // error: ClientManager(url:
}

func connecting(socket: ClientSocket) {
    socket.connect()  // error: 'async' call in a function that does not support concurrency
}

func connectingInATask(socket: ClientSocket) async throws {
    try socket.connect()  // error: expression is 'async' but is not marked with 'await'
}
