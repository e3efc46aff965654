import SocketIO

/// Namespaces that are made as clients ask for them: `/room-7`, and those whose client knows the word.
struct DynamicRooms {
    let io: SocketIOServer

    func install() {
        for rooms in [
            io.namespaces(matching: /\/room-\d+/),
            io.namespaces { name, handshake in
                await Task.yield()
                return try name.hasPrefix("/secret-") && handshake.auth(as: [String: String].self)["word"] == "sesame"
            },
        ] {
            rooms.on("where") { (socket: Socket) in socket.namespace.name }
            rooms.on("who") { (socket: Socket) in await socket.namespace.sockets().map(\.id.description).sorted() }
        }
    }
}
