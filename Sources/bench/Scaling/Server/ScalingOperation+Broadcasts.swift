import SocketIO

extension ScalingOperation {
    /// Broadcasts to many members, to many rooms, with many exceptions.
    static func broadcasts() -> [ScalingOperation] {
        [
            server("emit-to-members", 32) { server, count in
                let clients = try server.connect(count)
                let sockets = clients.map(\.socket)
                try server.run { _ in for socket in sockets { socket.join("room") } }
                return ending(clients) {
                    try server.run { [io = server.io] _ in for number in 0..<8 { io.to("room").emit("event", number) } }
                }
            },
            server("emit-to-all", 32) { server, count in
                let clients = try server.connect(count)
                return ending(clients) {
                    try server.run { socket in for number in 0..<8 { socket.broadcast.emit("event", number) } }
                }
            },
            select("to-rooms") { $0.to($1) },
            select("to-chained") { $1.reduce($0) { $0.to($1) } },
            select("except-rooms") { $0.except($1) },
            select("except-chained") { $1.reduce($0) { $0.except($1) } },
            server("to-sockets", 32) { server, count in
                let clients = try server.connect(count)
                let ids = clients.map(\.socket.id)
                return ending(clients) {
                    try server.run { [io = server.io] _ in io.to(ids.map { Room($0) }).emit("event", 1) }
                }
            },
            server("to-own-rooms", 32) { server, count in
                let clients = try server.connect(count)
                let ids = clients.map(\.socket.id)
                return ending(clients) {
                    try server.run { [io = server.io] _ in for id in ids { io.to(id).emit("event", 1) } }
                }
            },
            server("emit-with-ack-to-members", 32) { server, count in
                let clients = try server.connect(count)
                let sockets = clients.map(\.socket)
                try server.run { _ in for socket in sockets { socket.join("room") } }
                return ending(clients) {
                    try server.run(
                        long: { [io = server.io] _ in
                            let answer: BroadcastReplies<Int> = await io.to("room").emitWithAck("question")
                            precondition(answer.replies.count == count)
                        },
                        meanwhile: { for client in clients { try client.peer.answer() } })
                }
            },
        ]
    }

    /// A broadcast whose selection has many rooms, each with the same member.
    private static func select(
        _ name: String, _ select: @escaping @Sendable (Broadcast, [Room]) -> Broadcast
    ) -> ScalingOperation {
        server(name, 128) { server, count in
            let rooms = roomNames(count)
            let client = try server.connect(1)[0]
            try server.run { [client = client.socket] _ in client.join(rooms) }
            return ending([client]) {
                try server.run { socket in select(socket.broadcast, rooms).emit("event", 1) }
            }
        }
    }
}
