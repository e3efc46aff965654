import SocketIO

extension ScalingOperation {
    static func roomNames(_ count: Int) -> [Room] {
        (0..<count).map { Room("room \(1_000 + $0)") }
    }

    /// One socket in many rooms.
    static func rooms() -> [ScalingOperation] {
        [
            server("join", 128) { server, count in
                let rooms = roomNames(count)
                return { try server.run { socket in for room in rooms { socket.join(room) } } }
            },
            server("join-list", 128) { server, count in
                let rooms = roomNames(count)
                return { try server.run { socket in socket.join(rooms) } }
            },
            server("join-again", 128) { server, count in
                let rooms = roomNames(count)
                try server.run { socket in socket.join(rooms) }
                return { try server.run { socket in for room in rooms { socket.join(room) } } }
            },
            leave("leave-in-order") { Array($0) },
            leave("leave-in-reverse") { $0.reversed() },
            leave("leave-in-any-order") { $0.shuffled },
            server("leave-list", 128) { server, count in
                let rooms = roomNames(count)
                try server.run { socket in socket.join(rooms) }
                return { try server.run { socket in socket.leave(rooms) } }
            },
            server("disconnect-from-rooms", 128) { server, count in
                let rooms = roomNames(count)
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] _ in client.join(rooms) }
                return { try server.run { [client = client.socket] _ in client.disconnect() } }
            },
            server("list-rooms", 256) { server, count in
                let rooms = roomNames(count)
                try server.run { socket in socket.join(rooms) }
                return { try server.run { socket in precondition(socket.rooms.count == count + 1) } }
            },
        ]
    }

    private static func leave(
        _ name: String, _ order: @escaping @Sendable (Range<Int>) -> [Int]
    ) -> ScalingOperation {
        server(name, 128) { server, count in
            let rooms = roomNames(count)
            let order = order(rooms.indices)
            try server.run { socket in socket.join(rooms) }
            return { try server.run { socket in for index in order { socket.leave(rooms[index]) } } }
        }
    }

    /// Many sockets, or two in the same rooms.
    static func sharedRooms() -> [ScalingOperation] {
        [
            server("leave-shared-rooms", 128) { server, count in
                let rooms = roomNames(count)
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] socket in
                    client.join(rooms)
                    socket.join(rooms)
                }
                return {
                    try server.run { [client = client.socket] _ in
                        for index in rooms.indices.shuffled { client.leave(rooms[index]) }
                    }
                }
            },
            server("disconnect-from-shared-rooms", 128) { server, count in
                let rooms = roomNames(count)
                let client = try server.connect(1)[0]
                try server.run { [client = client.socket] socket in
                    client.join(rooms)
                    socket.join(rooms)
                }
                return { try server.run { [client = client.socket] _ in client.disconnect() } }
            },
            server("members-join", 32) { server, count in
                let clients = try server.connect(count)
                return ending(clients) {
                    let sockets = clients.map(\.socket)
                    try server.run { _ in for socket in sockets { socket.join("room") } }
                }
            },
            server("members-leave", 32) { server, count in
                let clients = try server.connect(count)
                let sockets = clients.map(\.socket)
                try server.run { _ in for socket in sockets { socket.join("room") } }
                return ending(clients) {
                    try server.run { _ in for index in sockets.indices.shuffled { sockets[index].leave("room") } }
                }
            },
            server("members-disconnect", 32) { server, count in
                let clients = try server.connect(count)
                let sockets = clients.map(\.socket)
                try server.run { _ in for socket in sockets { socket.join("room") } }
                return ending(clients) {
                    try server.run { _ in for index in sockets.indices.shuffled { sockets[index].disconnect() } }
                }
            },
            server("sockets-join", 32) { server, count in
                let clients = try server.connect(count)
                return ending(clients) { try server.run { [io = server.io] _ in io.socketsJoin("room") } }
            },
            server("sockets-leave", 32) { server, count in
                let clients = try server.connect(count)
                server.io.socketsJoin("room")
                try server.idle()
                return ending(clients) { try server.run { [io = server.io] _ in io.socketsLeave("room") } }
            },
            server("disconnect-sockets", 32) { server, count in
                let clients = try server.connect(count)
                let sockets = clients.map(\.socket)
                try server.run { _ in for socket in sockets { socket.join("room") } }
                return ending(clients) { try server.run { [io = server.io] _ in io.to("room").disconnectSockets() } }
            },
        ]
    }

    /// Keeps the connections until the operation is over.
    static func ending(
        _ clients: [ScalingServer.Client], _ run: @escaping () async throws -> Void
    ) -> () async throws -> Void {
        {
            try await run()
            withExtendedLifetime(clients) {}
        }
    }
}
