import SocketIO
import Synchronization
import Testing

/// Handlers of any event, in either direction.
@Suite struct CatchAllTests {
    @Test func `prependAny goes before what the socket has, and behind what the namespace has`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onAny { _, _, _ in journal.note("namespace") }
            io.onConnection { socket in
                socket.onAny { _, _ in journal.note("first") }
                socket.prependAny { _, _ in journal.note("prepended") }
                socket.prependAny { name, arguments in journal.note("\(name) \(arguments)") }
                socket.onAny { _, _ in journal.note("last") }
            }
            try Peer(port).send(#"2["x",1]"#)
            #expect(journal.wait(for: 5) == ["namespace", "x [1]", "prepended", "first", "last"])
        }
    }

    @Test func `cancel takes one back, and offAny all that the socket has`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.onAny { _, name, _ in journal.note("namespace \(name)") }
            io.onConnection { socket in
                let first = socket.onAny { _, _ in journal.note("first") }
                let second = socket.prependAny { _, _ in journal.note("second") }
                socket.onAny { _, _ in journal.note("third") }
                socket.on("cancel") { () in
                    first.cancel()
                    first.cancel()
                    second.cancel()
                }
                socket.on("off") { () in socket.offAny() }
            }
            let peer = try Peer(port)
            try peer.send(#"2["cancel"]"#)
            try peer.send(#"2["off"]"#)
            try peer.sync()
            #expect(
                journal.lines == [
                    "namespace cancel", "second", "first", "third", "namespace off", "third", "namespace sync",
                ])
        }
    }

    @Test func `a handler that is cancelled before its registration arrives is not called`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            let connected = Mutex<Socket?>(nil)
            let subscription = Mutex<EventSubscription?>(nil)
            let gate = Gate()
            answerSync(io)
            io.onConnection { socket in connected.withLock { $0 = socket } }
            io.on("block") { (socket: Socket) in
                journal.note("blocked")
                _ = gate.wait()
                subscription.withLock { $0 }?.cancel()
            }
            let peer = try Peer(port)
            let socket = try #require(connected.withLock { $0 })
            try peer.send(#"2["block"]"#)
            #expect(journal.wait(for: 1) == ["blocked"])
            let posted = socket.onAny { name, _ in journal.note("any \(name)") }
            subscription.withLock { $0 = posted }
            gate.open()
            try peer.sync()
            #expect(journal.lines == ["blocked"])
        }
    }

    @Test(arguments: [false, true])
    func `onAnyOutgoing is told of all that is sent to the socket, however it is sent`(recovery: Bool) async throws {
        try await serve({ $0.recovery = recovery ? .init() : nil }) { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.join("room")
                socket.onAnyOutgoing { name, arguments in journal.note("\(name) \(arguments.count)") }
            }
            io.on("go") { (socket: Socket, arguments: EventArguments) in
                socket.emit("text", "a")
                socket.emit("none")
                socket.emit("number", 1)
                socket.emit("two", 1, [UInt8]([1]))
                socket.emit("passed", arguments)
                socket.volatile.emit("volatile", 1, 2, 3)
                io.emit("all", true)
                io.to("room").emit("room", 1, 2)
                socket.broadcast.emit("others")
                socket.send("hello")
                Task { let _: Int? = try? await socket.emitWithAck("asked", 1) }
            }
            let peer = try Peer(port)
            try peer.send(#"21["go",1,2,3,4]"#)
            let told = journal.wait(for: 10)
            #expect(
                told == [
                    "text 1", "none 0", "number 1", "two 2", "passed 4", "volatile 3", "all 1", "room 2", "message 1",
                    "asked 1",
                ])
        }
    }

    @Test func `what is told has the values that were sent`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.namespace("/n").onConnection { socket in
                socket.onAnyOutgoing { name, arguments in journal.note("\(name) \(arguments)") }
                socket.emit("a \"quoted\" name", ["k": [1, 2]], "ü")
            }
            let peer = try Peer(port)
            try peer.connect("/n")
            let arguments: [JSONValue] = [["k": [1, 2]], "ü"]
            #expect(journal.wait(for: 1) == ["a \"quoted\" name \(arguments)"])
        }
    }

    @Test func `outgoing handlers are called in order, and cancelled one by one or all`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.onConnection { socket in
                socket.onAnyOutgoing { name, _ in journal.note("first \(name)") }
                let second = socket.onAnyOutgoing { _, _ in journal.note("second") }
                socket.prependAnyOutgoing { _, _ in journal.note("prepended") }
                socket.emit("a")
                second.cancel()
                socket.emit("b")
                socket.offAnyOutgoing()
                socket.emit("c")
            }
            let peer = try Peer(port)
            for name in ["a", "b", "c"] { #expect(try peer.receive() == #"2["\#(name)"]"#) }
            try peer.sync()
            #expect(journal.lines == ["prepended", "first a", "second", "prepended", "first b"])
        }
    }

    @Test func `a broadcast has reached everybody before anybody is told of it`() async throws {
        try await serve(loops: 1) { io, port in
            io.onConnection { socket in
                socket.onAnyOutgoing { name, _ in if name == "news" { socket.broadcast.emit("told") } }
            }
            let (first, second) = (try Peer(port), try Peer(port))
            io.emit("news")
            for peer in [first, second] {
                #expect(try peer.receive() == #"2["news"]"#)
                #expect(try peer.receive() == #"2["told"]"#)
            }
        }
    }

    @Test func `a handler that ends the socket is the last one called`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.onAnyOutgoing { _, _ in
                    journal.note("first")
                    socket.disconnect()
                }
                socket.onAnyOutgoing { _, _ in journal.note("second") }
                socket.emit("x")
            }
            let peer = try Peer(port)
            #expect(try peer.receive() == #"2["x"]"#)
            #expect(try peer.receive() == "1")
            #expect(journal.lines == ["first"])
        }
    }

    @Test func `off in the socket's last moments takes nothing from others`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            answerSync(io)
            io.onConnection { socket in
                let name = socket.handshake.query["name"] ?? ""
                socket.onAnyOutgoing { event, _ in journal.note("\(name) \(event)") }
                socket.onDisconnect { (_: DisconnectReason) in
                    socket.off()
                    socket.offAnyOutgoing()
                    journal.note("\(name) gone")
                }
            }
            let stays = try Peer(port, query: "&name=stays")
            for number in 0..<3 {
                try Peer(port, query: "&name=goes").send("1")
                #expect(journal.wait(for: number + 1).last == "goes gone")
            }
            io.emit("news")
            #expect(try stays.receive() == #"2["news"]"#)
            #expect(journal.wait(for: 4).last == "stays news")
        }
    }

    @Test func `off removes all that the socket has, and nothing of the namespace`() async throws {
        try await serve { io, port in
            let journal = Journal()
            answerSync(io)
            io.on("x") { (_: Socket) in journal.note("namespace") }
            io.onDisconnect { _, _ in journal.note("gone") }
            io.onConnection { socket in
                socket.on("x") { () in journal.note("own") }
                socket.onAny { name, _ in journal.note("any \(name)") }
                socket.onAnyOutgoing { name, _ in journal.note("sent \(name)") }
                socket.onDisconnecting { _ in journal.note("own disconnecting") }
                socket.onDisconnect { (_: DisconnectReason) in journal.note("own gone") }
                socket.on("off") { () in socket.off() }
            }
            let peer = try Peer(port)
            try peer.send(#"2["off"]"#)
            try peer.send(#"2["x"]"#)
            io.emit("news")
            try peer.send("1")
            #expect(journal.wait(for: 3) == ["any off", "namespace", "gone"])
        }
    }
}
