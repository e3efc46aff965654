import EngineIO
import NetLoop
import Synchronization
import Testing

@testable import SocketIO

/// What goes from one loop to another.
@Suite struct CrossingTests {
    /// Keeps a server's log.
    private final class Lines: ServerLogger {
        let level = LogLevel.warning
        private let kept = Mutex<[String]>([])
        var lines: [String] { kept.withLock { $0 } }
        func log(_ level: LogLevel, _ message: String) { kept.withLock { $0.append("\(level): \(message)") } }
    }

    /// Two clients on different loops, the second of which is blocked while `body` runs.
    private func withBlockedLoop(
        mailboxBytes: Int, _ body: @escaping @Sendable (SocketIOServer, _ free: Peer, _ blocked: Peer) throws -> Void,
        after: @escaping @Sendable (SocketIOServer, _ free: Peer, _ blocked: Peer) throws -> Void
    ) async throws -> [String] {
        let log = Lines()
        try await serve(loops: 2) {
            $0.engine.limits.mailboxBytes = mailboxBytes
            $0.logger = log
        } _: { io, port in
            let (blocked, gate) = (Gate(), Gate())
            let home = Mutex<[String: Int]>([:])
            io.onConnection { socket in home.withLock { $0[socket.id.description] = socket.loop.index } }
            io.on("block") { (_: Socket) in
                blocked.open()
                _ = gate.wait()
            }
            io.on("sync") { (_: Socket) in true }
            var peers: [Peer] = []
            while Set(peers.map { peer in home.withLock { $0[peer.sid] } }).count < 2 {
                peers.append(try Peer(port))
                try peers.last?.sync()
            }
            let (free, held) = (peers[0], peers.last!)
            try held.send(#"2["block"]"#)
            #expect(blocked.wait())
            do {
                try body(io, free, held)
            } catch {
                gate.open()
                throw error
            }
            gate.open()
            try after(io, free, held)
        }
        return log.lines
    }

    @Test func `what waits for a loop that is blocked is limited, and the log says what was dropped`() async throws {
        let text = String(repeating: "x", count: 1_000)
        let log = try await withBlockedLoop(mailboxBytes: 100_000) { (io: SocketIOServer, free: Peer, _: Peer) throws in
            for _ in 0..<1_000 {
                io.emit("x", text)
                #expect(try free.receive() == #"2["x","\#(text)"]"#)
            }
        } after: { io, _, blocked in
            // Once the loop has caught up, it takes events again.
            try blocked.send(#"27["sync"]"#)
            var received: [String] = []
            while received.last != #"2["after"]"# {
                received.append(try blocked.receive())
                if received.last == "37[true]" { io.emit("after") }
            }
            // The overhead is counted too.
            #expect(received.count - 2 > 50 && received.count - 2 < 100)
        }
        #expect(log.count == 1)
        #expect(log.first?.contains("limits.mailboxBytes") == true)
    }

    @Test func `a request that a loop does not take is not waited for there`() async throws {
        _ = try await withBlockedLoop(mailboxBytes: 1) { (io: SocketIOServer, free: Peer, _: Peer) throws in
            let answered = Gate()
            // What waits for the blocked loop is too much from now on.
            io.emit("x")
            #expect(try free.receive() == #"2["x"]"#)
            Task {
                let replies: BroadcastReplies<Int> = await io.emitWithAck("q", timeout: .seconds(60))
                if replies.replies.count == 1, replies.missing.isEmpty, !replies.isComplete { answered.open() }
            }
            let id = try free.receive().dropFirst().prefix { $0.isNumber }
            try free.send("3\(id)[1]")
            #expect(answered.wait())
        } after: { _, _, _ in
        }
    }

    @Test func `a broadcast to one socket's room asks its loop only`() async throws {
        let text = String(repeating: "x", count: 1_000)
        let log = try await withBlockedLoop(mailboxBytes: 10_000) { (io: SocketIOServer, free: Peer, _: Peer) throws in
            for _ in 0..<100 {
                io.to(SocketID(free.sid)).emit("x", text)
                #expect(try free.receive() == #"2["x","\#(text)"]"#)
            }
        } after: { _, _, _ in
        }
        #expect(log == [])
    }

    @Test func `a socket in the room of another's id gets what is sent there`() async throws {
        try await serve(loops: 4) { io, port in
            answerSync(io)
            io.on("visit") { (socket: Socket, id: String) in socket.join(Room(id)) }
            let peers = try (0..<8).map { _ in try Peer(port) }
            for peer in peers.dropFirst() {
                try peer.send(#"2["visit","\#(peers[0].sid)"]"#)
                try peer.sync()
            }
            io.to(SocketID(peers[0].sid)).emit("x")
            for peer in peers { #expect(try peer.receive() == #"2["x"]"#) }
        }
    }

    @Test func `a room has its home again when the last guest has left it`() async throws {
        try await serve(loops: 4) { io, port in
            let namespace = io.namespace("/")
            answerSync(io)
            io.on("visit") { (socket: Socket, id: String) in
                socket.join(Room(id))
                socket.join(Room(id), Room(socket.id))
            }
            io.on("leave") { (socket: Socket, id: String) in socket.leave(Room(id)) }
            let peers = try (0..<4).map { _ in try Peer(port) }
            #expect(namespace.guests.isNone)
            for peer in peers.dropFirst() {
                try peer.send(#"2["visit","\#(peers[0].sid)"]"#)
                try peer.sync()
            }
            #expect(!namespace.guests.isNone)
            try peers[1].send(#"2["leave","\#(peers[0].sid)"]"#)
            try peers[1].sync()
            try peers[2].send("1")
            #expect(!namespace.guests.isNone)
            peers[3].raw.abort()
            #expect(await eventually { namespace.guests.isNone })
            // Whoever is selected by whatever: all loops are asked, one of which may have nobody.
            io.to(SocketID(peers[1].sid)).socketsJoin(Room(SocketID(peers[0].sid)))
            #expect(!namespace.guests.isNone)
            io.to(SocketID(peers[1].sid)).socketsLeave(Room(SocketID(peers[0].sid)))
            #expect(await eventually { namespace.guests.isNone })
        }
    }

    @Test func `a socket that is put into the room of another's id gets what is sent there`() async throws {
        try await serve(loops: 4) { io, port in
            let peers = try (0..<8).map { _ in try Peer(port) }
            for peer in peers.dropFirst() { io.to(SocketID(peer.sid)).socketsJoin(Room(SocketID(peers[0].sid))) }
            io.to(SocketID(peers[0].sid)).emit("x")
            for peer in peers { #expect(try peer.receive() == #"2["x"]"#) }
        }
    }

    @Test func `a volatile request does not wait for who cannot take it`() async throws {
        try await serve { io, port in
            let poller = try PollingPeer(port)
            let peer = try Peer(port)
            async let result: BroadcastReplies<Int> = io.volatile.emitWithAck("q", timeout: .seconds(60))
            let packet = try peer.receive()
            let id = packet.dropFirst().prefix { $0.isNumber }
            try peer.send("3\(id)[1]")
            let replies = await result
            #expect(replies.replies == [SocketID(peer.sid): 1])
            #expect(replies.missing == [SocketID(poller.sid)])
            io.emit("next")
            #expect(try poller.receive() == #"2["next"]"#)
        }
    }

    @Test func `a namespace that ends disconnects its sockets and frees its name`() async throws {
        try await serve(loops: 4) { io, port in
            let room = io.namespace("/room")
            room.on("x") { (socket: Socket) in socket.emit("first") }
            let peers = try (0..<8).map { _ in try Peer(port) }
            for peer in peers { try peer.connect("/room") }
            room.end()
            for peer in peers {
                #expect(try peer.receive() == "1/room,")
                try peer.send("0/room,")
                #expect(try peer.receive() == #"4/room,{"message":"Invalid namespace"}"#)
            }
            // What is asked of the old one later has no effect.
            room.emit("x")
            room.end()
            let next = io.namespace("/room")
            #expect(next !== room)
            next.on("x") { (socket: Socket) in socket.emit("second") }
            for peer in peers {
                try peer.connect("/room")
                try peer.send(#"2/room,["x"]"#)
                #expect(try peer.receive() == #"2/room,["second"]"#)
            }
            #expect(await io.counts().sockets == 16)
        }
    }

    @Test func `a namespace that ends refuses who is still being admitted`() async throws {
        try await serve { io, port in
            let (asked, gate) = (Gate(), Gate())
            let room = io.namespace("/room")
            room.use { _ in
                asked.open()
                await gate.passed()
            }
            let peer = try Peer(port)
            try peer.send("0/room,")
            #expect(asked.wait())
            let other = try Peer(port)
            room.end()
            #expect(await io.counts().sockets == 2)
            gate.open()
            #expect(try peer.receive() == #"4/room,{"message":"Invalid namespace"}"#)
            withExtendedLifetime(other) {}
        }
    }

    @Test func `names of namespaces are compared by their bytes`() async throws {
        try await serve { io, port in
            _ = io.namespace("/caf\u{E9}")
            let peer = try Peer(port)
            try peer.send("0/cafe\u{301},")
            #expect(try peer.receive() == "4/cafe\u{301},{\"message\":\"Invalid namespace\"}")
            try peer.connect("/caf\u{E9}")
        }
    }

    @Test func `an event within an event finds its handlers`() async throws {
        try await serve { io, port in
            io.on("outer") { (socket: Socket) in
                let inner = Array(#"2["inner"]"#.utf8)
                socket.received(text: inner.span)
                socket.emit("done")
            }
            io.on("inner") { (socket: Socket) in socket.emit("found") }
            let peer = try Peer(port)
            for _ in 0..<2 {
                try peer.send(#"2["outer"]"#)
                #expect(try peer.receive() == #"2["found"]"#)
                #expect(try peer.receive() == #"2["done"]"#)
            }
        }
    }
}
