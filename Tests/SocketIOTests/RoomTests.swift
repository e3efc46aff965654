import SocketIO
import Testing

@Suite struct RoomTests {
    /// Clients with their sockets.
    private func withPeers(
        _ count: Int, loops: Int = 2, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, [Peer], [Socket]) async throws -> Void
    ) async throws {
        try await serve(loops: loops, configure) { io, port in
            let hold = Hold()
            answerSync(io)
            io.onConnection { hold.put($0) }
            var peers: [Peer] = []
            var sockets: [Socket] = []
            for index in 0..<count {
                peers.append(try Peer(port))
                sockets.append(try hold.take(index))
            }
            try await body(io, peers, sockets)
        }
    }

    /// How often each of the clients gets `"x"` before `"end"`.
    private func expect(
        _ expected: [Int], _ io: SocketIOServer, _ peers: [Peer], at location: SourceLocation = #_sourceLocation,
        _ send: () -> Void
    ) throws {
        send()
        io.emit("end")
        let counts = try peers.map { peer in
            var count = 0
            while true {
                let packet = try peer.receive()
                if packet == #"2["end"]"# { return count }
                guard packet == #"2["x"]"# else { throw Unexpected(what: packet) }
                count += 1
            }
        }
        #expect(counts == expected, sourceLocation: location)
    }

    @Test func `a socket is in the rooms that it joined, and in its own`() async throws {
        try await serve { io, port in
            io.on("rooms") { (socket: Socket) in
                socket.join("a", "b")
                socket.join("a")
                let joined = socket.rooms
                socket.leave("b", "never")
                return [joined, socket.rooms].map { $0.map(\.description).sorted() }
            }
            let peer = try Peer(port)
            try peer.send(#"21["rooms"]"#)
            let own = peer.sid
            let expected = [["a", "b", own].sorted(), ["a", own].sorted()]
                .map { "[" + $0.map { "\"\($0)\"" }.joined(separator: ",") + "]" }.joined(separator: ",")
            #expect(try peer.receive() == "31[[\(expected)]]")
        }
    }

    @Test func `joining and leaving work from any thread, in order`() async throws {
        try await withPeers(1, loops: 1) { io, peers, sockets in
            let socket = sockets[0]
            for number in 0..<50 {
                socket.join("room")
                io.to("room").emit("in", number)
                socket.leave("room")
                io.to("room").emit("out", number)
            }
            socket.emit("end")
            let packets = try (0..<51).map { _ in try peers[0].receive() }
            #expect(packets == (0..<50).map { #"2["in",\#($0)]"# } + [#"2["end"]"#])
            #expect(socket.rooms == [Room(socket.id)])
            #expect(await io.counts().rooms == 0)
        }
    }

    @Test func `to, except and broadcast choose as they say, and nobody gets a message twice`() async throws {
        try await withPeers(4) { io, peers, sockets in
            sockets[0].join("a", "b")
            sockets[1].join("b")
            sockets[2].join("c")
            try expect([1, 1, 1, 1], io, peers) { io.emit("x") }
            try expect([1, 1, 1, 1], io, peers) { io.broadcast.emit("x") }
            try expect([1, 1, 1, 1], io, peers) { io.local.emit("x") }
            try expect([1, 0, 0, 0], io, peers) { io.to("a").emit("x") }
            try expect([1, 1, 0, 0], io, peers) { io.to("a", "b").emit("x") }
            try expect([1, 1, 1, 0], io, peers) { io.to("a").to("b").to("c").to("a").emit("x") }
            try expect([0, 1, 0, 0], io, peers) { io.to("b").except("a").emit("x") }
            try expect([0, 1, 1, 1], io, peers) { io.except("a").emit("x") }
            try expect([0, 1, 0, 0], io, peers) { io.except("a", "c").except(sockets[3].id).emit("x") }
            try expect([0, 0, 0, 0], io, peers) { io.to("nobody").emit("x") }
            try expect([0, 0, 1, 0], io, peers) { io.to("nobody", "c").emit("x") }
            try expect([0, 0, 0, 1], io, peers) { io.to(sockets[3].id).emit("x") }
            try expect([0, 0, 1, 1], io, peers) { io.to(Room(sockets[3].id), "c").emit("x") }
            try expect([0, 0, 0, 0], io, peers) { io.to(SocketID("unknown")).emit("x") }
            try expect([0, 1, 1, 1], io, peers) { sockets[0].broadcast.emit("x") }
            try expect([0, 1, 0, 0], io, peers) { sockets[0].to("b").emit("x") }
            try expect([0, 0, 1, 0], io, peers) { sockets[0].to("b").to("c").except("b").emit("x") }
            try expect([0, 1, 0, 1], io, peers) { sockets[0].except("c").emit("x") }
            try expect([0, 0, 0, 0], io, peers) { sockets[0].to(sockets[0].id).emit("x") }
            try expect([0, 1, 0, 0], io, peers) { sockets[0].local.to("a", "b").emit("x") }
            try expect([0, 1, 1, 1], io, peers) { sockets[0].volatile.broadcast.emit("x") }
            try expect([1, 1, 0, 0], io, peers) { io.to("b").volatile.local.emit("x") }
        }
    }

    @Test func `a broadcast can be kept and used again`() async throws {
        try await withPeers(2) { io, peers, sockets in
            sockets[0].join("a")
            let all = io.broadcast
            let room = all.to("a")
            let none = room.except("a")
            try expect([0, 0], io, peers) { none.emit("x") }
            try expect([1, 0], io, peers) { room.emit("x") }
            try expect([1, 1], io, peers) { all.emit("x") }
        }
    }

    @Test func `a socket may be in the room of another's id`() async throws {
        try await withPeers(2, loops: 1) { io, peers, sockets in
            sockets[0].join(Room(sockets[1].id))
            try expect([1, 1], io, peers) { io.to(sockets[1].id).emit("x") }
            try expect([0, 0], io, peers) { io.except(sockets[1].id).emit("x") }
        }
    }

    @Test func `a socket may leave its own room, and join it again`() async throws {
        try await withPeers(1, loops: 1) { io, peers, sockets in
            let own = Room(sockets[0].id)
            sockets[0].leave(own)
            try expect([0], io, peers) { io.to(own).emit("x") }
            #expect(sockets[0].rooms == [])
            sockets[0].join(own)
            try expect([1], io, peers) { io.to(own).emit("x") }
            #expect(sockets[0].rooms == [own])
        }
    }

    @Test func `socketsJoin, socketsLeave and disconnectSockets reach all loops`() async throws {
        try await withPeers(4, loops: 4) { io, peers, sockets in
            io.except(sockets[0].id).socketsJoin("a", "b")
            try expect([0, 1, 1, 1], io, peers) { io.to("a").emit("x") }
            io.to(sockets[1].id).socketsLeave("a")
            try expect([0, 0, 1, 1], io, peers) { io.to("a").emit("x") }
            try expect([0, 1, 1, 1], io, peers) { io.to("b").emit("x") }
            sockets[3].to("a").disconnectSockets()
            #expect(try peers[2].receive() == "1")
            #expect(await eventually { await io.counts().sockets == 3 })
            io.to("b").disconnectSockets(closingConnection: true)
            for peer in [peers[1], peers[3]] { #expect(try peer.receive() == "1") }
            for peer in [peers[1], peers[3]] { #expect(peer.isClosedByServer()) }
            #expect(await eventually { await io.counts().rooms == 0 })
            #expect(await io.counts().sockets == 1)
        }
    }

    @Test func `a room goes with its last member`() async throws {
        try await withPeers(3, loops: 1) { io, peers, sockets in
            for socket in sockets { socket.join("a", "b") }
            #expect(await io.counts().rooms == 2)
            sockets[0].leave("a")
            sockets[1].leave("a")
            #expect(await io.counts().rooms == 2)
            sockets[2].leave("a")
            #expect(await io.counts().rooms == 1)
            for peer in peers { peer.raw.abort() }
            #expect(await eventually { await io.counts() == SocketIOServer.Holdings(descriptors: 1) })
        }
    }

    @Test func `a socket is in as many rooms as the limit says`() async throws {
        try await withPeers(1, loops: 1, { $0.limits.roomsPerSocket = 2 }) { io, _, sockets in
            sockets[0].join("a", "b", "c")
            _ = await io.counts()
            #expect(sockets[0].rooms == ["a", "b", Room(sockets[0].id)])
            sockets[0].leave("a")
            sockets[0].join("a")
            sockets[0].join("d")
            _ = await io.counts()
            #expect(sockets[0].rooms == ["a", "b", Room(sockets[0].id)])
            #expect(await io.counts().rooms == 2)
        }
    }

    @Test func `onDisconnecting sees the rooms, onDisconnect does not`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.join("a")
                socket.onDisconnecting { reason in
                    socket.to("a").emit("leaving")
                    journal.note("disconnecting \(socket.rooms.count) \(socket.isConnected) \(reason)")
                }
                socket.onDisconnect { reason in
                    journal.note("disconnect \(socket.rooms.count) \(socket.isConnected) \(reason)")
                    socket.join("a")
                    socket.leave("a")
                    socket.emit("x")
                }
            }
            let stays = try Peer(port)
            let leaves = try Peer(port)
            try leaves.send("1")
            #expect(
                journal.wait(for: 2) == [
                    "disconnecting 2 true client namespace disconnect",
                    "disconnect 0 false client namespace disconnect",
                ])
            #expect(try stays.receive() == #"2["leaving"]"#)
            #expect(await io.counts().rooms <= 1)
        }
    }

    @Test func `joining and leaving after the end do nothing`() async throws {
        try await withPeers(1, loops: 1) { io, peers, sockets in
            sockets[0].join("a")
            try peers[0].send("1")
            #expect(await eventually { !sockets[0].isConnected })
            sockets[0].join("a", "b")
            sockets[0].leave("a", "b", Room(sockets[0].id))
            #expect(await io.counts() == SocketIOServer.Holdings(sessions: 1, descriptors: 2))
            #expect(sockets[0].rooms == [])
        }
    }
}
