import EngineIO
import Testing

@testable import SocketIO

/// What is under way when the server shuts down.
@Suite(.timeLimit(.minutes(1))) struct DrainingTests {
    private func shutDown(_ io: SocketIOServer, within time: Duration, _ journal: Journal) {
        Task {
            await io.shutdown(draining: time)
            journal.note("closed")
        }
    }

    @Test(arguments: [1, 4])
    func `a handler that is under way ends first, and its answer is sent`(loops: Int) async throws {
        try await serve(loops: loops) { io, port in
            let (journal, begun, gate) = (Journal(), Gate(), Gate())
            io.on("work") { (_: Socket) async -> String in
                begun.open()
                await gate.passed()
                return "done"
            }
            io.onConnection { socket in socket.onDisconnect { reason in journal.note("\(reason)") } }
            let (busy, idle) = (try Peer(port), try Peer(port))
            try busy.send(#"21["work"]"#)
            #expect(begun.wait())
            shutDown(io, within: .seconds(600), journal)
            #expect(try idle.raw.receiveClose() == 1001)
            #expect(journal.wait(for: 1) == ["server shutting down"])
            gate.open()
            #expect(try busy.receive() == #"31["done"]"#)
            #expect(try busy.raw.receiveClose() == 1001)
            try busy.raw.sendClose(1001)
            #expect(journal.wait(for: 3) == ["server shutting down", "server shutting down", "closed"])
        }
    }

    @Test func `an acknowledgement that a client is asked for is waited for`() async throws {
        try await serve(loops: 1) { io, port in
            let (journal, hold) = (Journal(), Hold())
            io.onConnection { hold.put($0) }
            let (peer, idle) = (try Peer(port), try Peer(port))
            let socket = try hold.take()
            async let answer: Int = socket.emitWithAck("question", timeout: .seconds(600))
            let question = try peer.receive()
            shutDown(io, within: .seconds(600), journal)
            #expect(try idle.raw.receiveClose() == 1001)
            try peer.send("3\(question.dropFirst().prefix { $0.isNumber })[42]")
            #expect(try await answer == 42)
            #expect(try peer.raw.receiveClose() == 1001)
            #expect(journal.wait(for: 1) == ["closed"])
        }
    }

    @Test func `who does not settle is cut off when the time is over`() async throws {
        try await serve(loops: 1) { io, port in
            let (journal, begun, gate) = (Journal(), Gate(), Gate())
            io.on("work") { (_: Socket) async -> String in
                begun.open()
                await gate.passed()
                return "too late"
            }
            let peer = try Peer(port)
            try peer.send(#"21["work"]"#)
            #expect(begun.wait())
            shutDown(io, within: .milliseconds(100), journal)
            #expect(try peer.raw.receiveClose() == 1001)
            #expect(journal.wait(for: 1) == ["closed"])
            gate.open()
        }
    }

    @Test func `a socket that a middleware decides about is waited for`() async throws {
        try await serve(loops: 1) { io, port in
            let (journal, begun, gate) = (Journal(), Gate(), Gate())
            io.use { _ in
                begun.open()
                await gate.passed()
            }
            io.onConnection { socket in socket.emit("welcome") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(begun.wait())
            let unjoined = try Peer(port, connecting: false)
            shutDown(io, within: .seconds(600), journal)
            #expect(try unjoined.raw.receiveClose() == 1001)
            gate.open()
            #expect(try peer.receive().hasPrefix("0{"))
            #expect(try peer.receive() == #"2["welcome"]"#)
            #expect(try peer.raw.receiveClose() == 1001)
            #expect(journal.wait(for: 1) == ["closed"])
        }
    }

    @Test func `many clients leave one after the other`() async throws {
        try await serve(loops: 2) { io, port in
            let peers = try (0..<40).map { _ in try Peer(port) }
            let journal = Journal()
            let start = ContinuousClock.now
            shutDown(io, within: .seconds(600), journal)
            for peer in peers {
                #expect(try peer.raw.receiveClose() == 1001)
                try peer.raw.sendClose(1001)
            }
            // Ten milliseconds each, on each of two loops.
            #expect(start.duration(to: .now) > .milliseconds(100))
            #expect(journal.wait(for: 1) == ["closed"])
        }
    }
}
