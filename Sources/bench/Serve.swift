import SocketIO

/// The server under test, on public API as any application would write it.
enum Serve {
    static func run(port: Int, loops: Int?) async throws {
        let io = SocketIOServer()
        io.configuration.loops = loops

        io.on("echo") { (socket: Socket, text: String) in socket.emit("echo", text) }
        io.on("echo-json") { (socket: Socket, value: JSONValue) in socket.emit("echo-json", value) }
        io.on("echo-ack") { (_: Socket, value: String) in value }
        io.on("join") { (socket: Socket, room: String) in socket.join(Room(room)) }
        io.on("bcast") { (_: Socket, room: String, message: String) in io.to(Room(room)).emit("bcast", message) }

        let address = try await io.listen(host: "127.0.0.1", port: port)
        print("listening on \(address.port)")
        await io.waitUntilClosed()
    }
}
