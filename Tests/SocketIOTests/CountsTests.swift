import SocketIO
import Testing

/// What the server says that it has.
@Suite(.timeLimit(.minutes(1))) struct CountsTests {
    @Test func `a server that does not listen has nothing`() async {
        let io = SocketIOServer()
        let counts = await io.counts
        #expect(counts.connections.isEmpty && counts.sockets.isEmpty && counts.rooms.isEmpty)
        #expect(await io.memberCount(of: "room") == 0)
    }

    @Test(arguments: [1, 4])
    func `connections count by transport, sockets and rooms by namespace, over all loops`(loops: Int) async throws {
        try await serve(loops: loops) { io, port in
            answerSync(io)
            io.onConnection { socket in socket.on("join") { (name: String) in socket.join(Room(name)) } }
            let admin = io.namespace("/admin")
            admin.onConnection { socket in socket.join("lobby") }
            _ = io.namespace("/empty")
            let peers = try (0..<5).map { _ in try Peer(port) }
            let poller = try PollingPeer(port)
            for peer in peers {
                try peer.send(#"2["join","lobby"]"#)
                try peer.sync()
            }
            try peers[0].send(#"2["join","cellar"]"#)
            try peers[0].sync()
            try peers[1].connect("/admin")
            let counts = await io.counts
            #expect(counts.connections == [.webSocket: 5, .polling: 1])
            #expect(counts.sockets == ["/": 6, "/admin": 1])
            // A room with members on several loops is one.
            #expect(counts.rooms == ["/": 2, "/admin": 1])
            #expect(await io.memberCount(of: "lobby") == 5)
            #expect(await io.memberCount(of: "cellar") == 1)
            #expect(await io.memberCount(of: "nobody") == 0)
            #expect(await admin.memberCount(of: "lobby") == 1)
            for peer in peers { peer.raw.close() }
            poller.abort()
            #expect(await eventually { await io.counts.connections[.webSocket] == nil })
            #expect(await io.counts.rooms == [:])
            #expect(await io.memberCount(of: "lobby") == 0)
        }
    }

    @Test(arguments: [1, 4])
    func `the members of namespaces made as clients ask count together, and each for itself`(loops: Int) async throws {
        try await serve(loops: loops) { io, port in
            let tables = io.namespaces { name, _ in name.hasPrefix("/table-") }
            tables.onConnection { socket in socket.join("players") }
            let peers = try (0..<6).map { _ in try Peer(port) }
            for (number, peer) in peers.enumerated() { try peer.connect("/table-\(number % 2)") }
            #expect(await tables.memberCount(of: "players") == 6)
            #expect(await tables.memberCount(of: "watchers") == 0)
            #expect(await io.namespace("/table-0").memberCount(of: "players") == 3)
            #expect(await io.memberCount(of: "players") == 0)
        }
    }

    @Test(arguments: [1, 4])
    func `a socket is a member of the room of its id, and its guests are too`(loops: Int) async throws {
        try await serve(loops: loops) { io, port in
            answerSync(io)
            io.onConnection { socket in
                socket.on("visit") { (id: String) in socket.join(Room(id)) }
                socket.on("leave") { (id: String) in socket.leave(Room(id)) }
            }
            let host = try Peer(port)
            let guests = try (0..<3).map { _ in try Peer(port) }
            #expect(await io.memberCount(of: Room(host.sid)) == 1)
            #expect(await io.counts.rooms == [:])
            for guest in guests {
                for _ in 0..<2 { try guest.send(#"2["visit","\#(host.sid)"]"#) }
                try guest.sync()
            }
            #expect(await io.memberCount(of: Room(host.sid)) == 4)
            #expect(await io.counts.rooms == ["/": 1])
            io.to(Room(host.sid)).emit("hello")
            for peer in guests + [host] { #expect(try peer.receive() == #"2["hello"]"#) }
            try host.send(#"2["leave","\#(host.sid)"]"#)
            try guests[0].send(#"2["leave","\#(host.sid)"]"#)
            for peer in [host, guests[0]] { try peer.sync() }
            #expect(await io.memberCount(of: Room(host.sid)) == 2)
            for guest in guests { guest.raw.close() }
            #expect(await eventually { await io.memberCount(of: Room(host.sid)) == 0 })
            #expect(await io.counts.rooms == [:])
            try host.send(#"2["visit","\#(host.sid)"]"#)
            try host.sync()
            io.to(Room(host.sid)).emit("hello")
            #expect(try host.receive() == #"2["hello"]"#)
        }
    }

    @Test func `a client that has changed its transport counts as what it is now`() async throws {
        try await serve { io, port in
            let poller = try PollingPeer(port)
            #expect(await io.counts.connections == [.polling: 1])
            let peer = try Peer(port, upgrading: poller)
            #expect(await eventually { await io.counts.connections == [.webSocket: 1] })
            peer.raw.close()
        }
    }
}
