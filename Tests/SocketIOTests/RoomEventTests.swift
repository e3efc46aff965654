import SocketIO
import Synchronization
import Testing

/// What the application hears of rooms.
@Suite(.timeLimit(.minutes(1))) struct RoomEventTests {
    /// Notes what happens to rooms; those of the sockets' own ids as `own`.
    private func noteRooms(of namespace: some NamespaceRegistration, in journal: Journal) {
        @Sendable func name(_ room: Room) -> String { "\(room)".utf8.count == 20 ? "own" : "\(room)" }
        namespace.onRoomCreated { room in journal.note("created \(name(room))") }
        namespace.onRoomDeleted { room in journal.note("deleted \(name(room))") }
        namespace.onRoomJoined { room, _ in journal.note("joined \(name(room))") }
        namespace.onRoomLeft { room, _ in journal.note("left \(name(room))") }
    }

    @Test func `a room is created, joined, left and deleted, in this order, the socket's own included`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            noteRooms(of: io, in: journal)
            io.onConnection { socket in
                journal.note("connected")
                socket.join("a", "b", "a")
                socket.join("a")
                journal.note("handler ends")
                socket.on("leave") { () in
                    socket.leave("a", "nowhere")
                    journal.note("has left")
                }
                socket.onDisconnecting { _ in journal.note("disconnecting") }
                socket.onDisconnect { (_: DisconnectReason) in journal.note("disconnected \(socket.rooms.count)") }
            }
            let peer = try Peer(port)
            try peer.send(#"2["leave"]"#)
            try peer.send("1")
            #expect(
                journal.wait(for: 17) == [
                    "created own", "joined own", "connected", "created a", "joined a", "created b", "joined b",
                    "handler ends", "left a", "deleted a", "has left", "disconnecting", "left own", "deleted own",
                    "left b", "deleted b", "disconnected 0",
                ])
        }
    }

    @Test func `who joined is told, and can be reached in the room`() async throws {
        try await serve(loops: 1) { io, port in
            io.onRoomJoined { room, id in if room == "lobby" { io.to(room).except(id).emit("joined", id) } }
            io.onRoomLeft { room, id in if room == "lobby" { io.to(room).emit("left", id) } }
            io.on("enter") { (socket: Socket) in socket.join("lobby") }
            answerSync(io)
            let (first, second) = (try Peer(port), try Peer(port))
            for peer in [first, second] {
                try peer.send(#"2["enter"]"#)
                // Nothing else orders what two connections say.
                if peer === first { try peer.sync() }
            }
            #expect(try first.receive() == #"2["joined","\#(second.sid)"]"#)
            second.raw.close()
            #expect(try first.receive() == #"2["left","\#(second.sid)"]"#)
        }
    }

    @Test func `over several loops a room is created once and deleted once`() async throws {
        try await serve(loops: 3) { io, port in
            let (journal, heard) = (Journal(), Journal())
            io.onRoomCreated { room in if room == "all" { journal.note("created") } }
            io.onRoomDeleted { room in if room == "all" { journal.note("deleted") } }
            io.onRoomJoined { room, id in if room == "all" { heard.note("\(id)") } }
            io.onRoomLeft { room, _ in if room == "all" { heard.note("left") } }
            let peers = try (0..<30).map { _ in try Peer(port) }
            for _ in 0..<3 {
                let before = (journal.lines.count, heard.lines.count)
                io.socketsJoin("all")
                #expect(Set(heard.wait(for: before.1 + 30).dropFirst(before.1)) == Set(peers.map(\.sid)))
                io.socketsLeave("all")
                #expect(heard.wait(for: before.1 + 60).suffix(30) == Array(repeating: "left", count: 30)[...])
                #expect(journal.wait(for: before.0 + 2).suffix(2) == ["created", "deleted"])
            }
            #expect(journal.lines.count == 6)
        }
    }

    @Test func `what happens on all loops is told one after another, as it could be on one`() async throws {
        try await serve(loops: 4) { io, port in
            let told = Tale()
            io.onRoomCreated { room in told.note("created") { $0.updateValue([], forKey: room) == nil } }
            io.onRoomDeleted { room in told.note("deleted") { $0.removeValue(forKey: room)?.isEmpty == true } }
            io.onRoomJoined { room, id in told.note("joined") { $0[room]?.insert(id).inserted == true } }
            io.onRoomLeft { room, id in told.note("left") { $0[room]?.remove(id) != nil } }
            io.on("step") { (socket: Socket, number: Int) in
                let rooms = (0..<5).map { Room("room \($0)") }
                switch number % 7 {
                case 0...3: socket.join(rooms[number % 5])
                case 4, 5: socket.leave(rooms[number % 5])
                default: socket.leave(Array(socket.rooms))
                }
            }
            answerSync(io)
            var random = SeededGenerator(seed: 7)
            var peers = try (0..<12).map { _ in try Peer(port) }
            for step in 0..<3000 {
                let index = Int(random.next() % 12)
                try peers[index].send(#"2["step",\#(random.next() % 10_000)]"#)
                if step % 300 == 0 {
                    peers[index].raw.close()
                    peers[index] = try Peer(port)
                }
            }
            for peer in peers { try peer.sync() }
            #expect(await eventually { await io.counts().sockets == 12 })
            var expected: [Room: Set<SocketID>] = [:]
            for socket in await io.sockets() {
                for room in socket.rooms { expected[room, default: []].insert(socket.id) }
            }
            #expect(await eventually { told.members == expected })
            #expect(told.faults == [])
        }
    }

    /// The rooms as they follow from what was told, and what cannot be so.
    private final class Tale: Sendable {
        private let state = Mutex((members: [Room: Set<SocketID>](), faults: [String]()))
        private let isTelling = Atomic<Bool>(false)

        var members: [Room: Set<SocketID>] { state.withLock { $0.members } }
        var faults: [String] { state.withLock { $0.faults } }

        func note(_ what: String, _ change: (inout [Room: Set<SocketID>]) -> Bool) {
            let wasTelling = isTelling.exchange(true, ordering: .sequentiallyConsistent)
            state.withLock { state in
                if wasTelling { state.faults.append("\(what) while something else was told") }
                if !change(&state.members) { state.faults.append(what) }
            }
            isTelling.store(false, ordering: .sequentiallyConsistent)
        }
    }

    @Test func `a socket that is refused has left what its middlewares made it join`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            noteRooms(of: io, in: journal)
            io.use { socket in
                socket.join("early")
                throw ConnectionRefused("no")
            }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(try peer.receive() == #"4{"message":"no"}"#)
            #expect(journal.wait(for: 4) == ["created early", "joined early", "left early", "deleted early"])
        }
    }

    @Test func `registered late, it hears of what happens from then on`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("enter") { (socket: Socket, room: String) in socket.join(room) }
            let (first, second) = (try Peer(port), try Peer(port))
            try first.send(#"2["enter","old"]"#)
            try first.sync()
            noteRooms(of: io, in: journal)
            try second.send(#"2["enter","old"]"#)
            try second.send(#"2["enter","new"]"#)
            try second.sync()
            first.raw.close()
            second.raw.close()
            #expect(await eventually { await io.counts().sockets == 0 })
            let lines = journal.lines.filter { !$0.hasSuffix("own") }
            #expect(lines.first == "joined old")
            #expect(lines.dropFirst().prefix(2) == ["created new", "joined new"])
            #expect(lines.filter { $0 == "deleted old" }.count == 1)
            #expect(!lines.contains("created old"))
            #expect(journal.lines.filter { $0 == "deleted own" }.count == 2)
            #expect(!journal.lines.contains("created own"))
        }
    }

    @Test func `what a handler does to rooms is told when it has returned`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.onRoomJoined { room, id in
                journal.note("\(room) begins")
                if room == "a" { io.to(id).socketsJoin("b") }
                journal.note("\(room) ends")
            }
            io.on("enter") { (socket: Socket) in socket.join("a") }
            let peer = try Peer(port)
            try peer.send(#"2["enter"]"#)
            #expect(journal.wait(for: 6).suffix(4) == ["a begins", "a ends", "b begins", "b ends"])
        }
    }

    @Test func `each namespace has rooms of its own`() async throws {
        try await serve { io, port in
            let journal = Journal()
            noteRooms(of: io.namespace("/n"), in: journal)
            for namespace in [io.namespace("/"), io.namespace("/n")] {
                namespace.onConnection { socket in socket.join("r of \(namespace.name)") }
            }
            let peer = try Peer(port)
            try peer.connect("/n")
            #expect(journal.wait(for: 4) == ["created own", "joined own", "created r of /n", "joined r of /n"])
        }
    }
}
