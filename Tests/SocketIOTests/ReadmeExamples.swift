import SocketIO

// The code blocks of README.md, word for word within functions: that they compile is the test.

private func server() async throws {
    let io = SocketIOServer()
    io.http.folder("/", at: "public")

    io.onConnection { socket in
        socket.join("lobby")
        socket.on("chat message") { (text: String) in io.to("lobby").emit("chat message", text) }
        socket.on("add") { (a: Int, b: Int) in a + b }  // the value that a handler returns is its acknowledgement
        socket.onDisconnect { reason in io.to("lobby").emit("left", socket.id) }
    }

    try await io.run(port: 3000)
}

private struct Message: Codable, Sendable {
    var text: String
}

extension Event { fileprivate static var message: Event<Message> { Event<Message>("chat message") } }

private func declaredEvents(io: SocketIOServer, socket: Socket) {
    socket.on(.message) { message in io.to("lobby").emit(.message, message) }
}

// The table "Coming from JavaScript".
private func comingFromJavaScript(io: SocketIOServer, socket: Socket) async throws {
    socket.on("x") { (a: Int, b: String) in }
    socket.on("x") { (a: Int) in a }
    socket.on("x") { (a: Int, ack: Ack<Int>) in ack(a) }
    socket.emit("x", 1)
    let _: Int = try await socket.emitWithAck("x", 1, timeout: .seconds(5))
    io.to("a").except("b").emit("x")
    socket.broadcast.emit("x")
    socket.volatile.emit("x")
    let (room, name) = ("a", "x")
    socket.join(room)
    io.to(room).emit(name, "text")
    _ = io.namespace("/admin")
    io.use { socket in throw ConnectionRefused("no") }
    socket[.user] = User(name: "ada")
    socket.disconnect(closingConnection: true)
}

private struct User {
    var name: String
}

extension SocketKey {
    fileprivate static var user: SocketKey<User> { .init("user") }
}

// The sentences about the client bundle and about origins.
private func configuration(io: SocketIOServer) {
    io.configuration.clientBundle = .folder("node_modules/socket.io-client/dist")
    io.configuration.cors = .origins("https://your.page")
}
