import SocketIO
import Testing

extension Request {
    fileprivate static var add: Request<Int, Int, Int> { Request<Int, Int, Int>("add", replying: Int.self) }
}

@Suite struct AckTests {
    /// The id in a packet that asks for an acknowledgement: `2<id>["name",…]`.
    private func id(of packet: String) throws -> String {
        let digits = packet.dropFirst().prefix { $0.isNumber }
        try #require(packet.hasPrefix("2") && !digits.isEmpty, "\(packet)")
        return String(digits)
    }

    /// A server, a connected client and its socket.
    private func withSocket(
        loops: Int = 2, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, Peer, Socket) async throws -> Void
    ) async throws {
        try await serve(loops: loops, configure) { io, port in
            let hold = Hold()
            answerSync(io)
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            try await body(io, peer, try hold.take())
        }
    }

    @Test func `emitWithAck returns the client's reply`() async throws {
        try await withSocket { _, peer, socket in
            async let sum = socket.emitWithAck(.add, 1, 2)
            let packet = try peer.receive()
            #expect(packet.hasSuffix(#"["add",1,2]"#))
            try peer.send("3\(try id(of: packet))[3]")
            #expect(try await sum == 3)

            async let text: String = socket.emitWithAck("locale")
            try peer.send(#"3\#(try id(of: peer.receive()))["en","ignored"]"#)
            #expect(try await text == "en")
        }
    }

    @Test func `a reply may have bytes, and be nothing`() async throws {
        try await withSocket { _, peer, socket in
            async let bytes: [UInt8] = socket.emitWithAck("bytes", [UInt8]([9]))
            let packet = try peer.receive()
            #expect(packet.hasPrefix("51-") && packet.hasSuffix(#"["bytes",{"_placeholder":true,"num":0}]"#))
            #expect(try peer.receiveBinary() == [9])
            let id = packet.dropFirst(3).prefix { $0.isNumber }
            try peer.send(#"61-\#(id)[{"_placeholder":true,"num":0}]"#)
            try peer.send(binary: [1, 2, 3])
            #expect(try await bytes == [1, 2, 3])

            async let nothing: Int? = socket.emitWithAck("nothing")
            try peer.send("3\(try self.id(of: peer.receive()))[]")
            #expect(try await nothing == nil)
        }
    }

    @Test func `a handler can wait for an acknowledgement on its own loop`() async throws {
        try await withSocket(loops: 1) { io, peer, _ in
            io.on("ask") { (socket: Socket, number: Int) in
                let reply: Int = try await socket.emitWithAck("double", number)
                return reply + 1
            }
            try peer.send(#"25["ask",4]"#)
            let packet = try peer.receive()
            #expect(packet.hasSuffix(#"["double",4]"#))
            try peer.send("3\(try id(of: packet))[8]")
            #expect(try peer.receive() == "35[9]")
        }
    }

    @Test func `a reply of another type is an error, and the connection stays`() async throws {
        try await withSocket { _, peer, socket in
            async let result = failure(of: socket, "x")
            try peer.send(#"3\#(try id(of: peer.receive()))["text"]"#)
            #expect(await result == AckError(.undecodableReply))
            try peer.sync()
        }
    }

    @Test func `without a reply it ends at its timeout, and a late one is ignored`() async throws {
        try await withSocket { _, peer, socket in
            let start = ContinuousClock.now
            let result = await failure(of: socket, "x", timeout: .milliseconds(30))
            #expect(result == AckError(.timedOut))
            #expect(ContinuousClock.now - start >= .milliseconds(30))
            try peer.send("3\(try id(of: peer.receive()))[1]")
            try peer.sync()
        }
    }

    @Test func `a disconnect settles it at once`() async throws {
        try await withSocket { _, peer, socket in
            async let first = failure(of: socket, "x", timeout: .seconds(60))
            async let second = failure(of: socket, "x", timeout: .seconds(60))
            _ = try (peer.receive(), peer.receive())
            peer.raw.abort()
            #expect(await first == AckError(.disconnected))
            #expect(await second == AckError(.disconnected))
            #expect(
                await failure(of: socket, "x", timeout: .seconds(60))
                    == AckError(.disconnected))
        }
    }

    @Test func `a cancelled task stops waiting at once`() async throws {
        try await withSocket { _, peer, socket in
            let task = Task {
                await failure(of: socket, "x", timeout: .seconds(60))
            }
            let packet = try peer.receive()
            task.cancel()
            #expect(await task.value == AckError(.cancelled))
            try peer.send("3\(try id(of: packet))[1]")
            try peer.sync()

            let early = Task {
                while !Task.isCancelled { await Task.yield() }
                return await failure(of: socket, "y", timeout: .seconds(60))
            }
            early.cancel()
            #expect(await early.value == AckError(.cancelled))
        }
    }

    @Test func `more than the limit of pending ones fail at once`() async throws {
        try await withSocket({ $0.limits.pendingAcks = 2 }) { _, peer, socket in
            async let first = failure(of: socket, "x")
            async let second = failure(of: socket, "x")
            let packets = try [peer.receive(), peer.receive()]
            #expect(await failure(of: socket, "x") == AckError(.tooManyPending))
            for packet in packets { try peer.send("3\(try id(of: packet))[1]") }
            #expect(await first == nil)
            #expect(await second == nil)
            // What failed was not sent, and there is room again.
            async let third = failure(of: socket, "y")
            let packet = try peer.receive()
            #expect(packet.hasSuffix(#"["y"]"#))
            try peer.send("3\(try id(of: packet))[1]")
            #expect(await third == nil)
        }
    }

    @Test func `acknowledgements that nobody waits for, and second ones, are ignored`() async throws {
        try await withSocket { io, peer, socket in
            for packet in ["30[1]", "39007199254740991[1]", "3[1]", "37[]", #"36["x",{"a":1}]"#] {
                try peer.send(packet)
            }
            try peer.sync()
            async let reply: Int = socket.emitWithAck("x")
            let id = try id(of: peer.receive())
            try peer.send("3\(id)[1]")
            try peer.send("3\(id)[2]")
            try peer.sync()
            #expect(try await reply == 1)
        }
    }

    @Test func `nobody can answer for another socket`() async throws {
        try await serve(loops: 1) { io, port in
            let hold = Hold()
            answerSync(io)
            io.onConnection { hold.put($0) }
            let asked = try Peer(port)
            let other = try Peer(port)
            let socket = try hold.take()
            async let reply: Int = socket.emitWithAck("x")
            let id = try id(of: asked.receive())
            try other.send("3\(id)[666]")
            try other.sync()
            try asked.send("3\(id)[1]")
            #expect(try await reply == 1)
        }
    }

    @Test func `a timeout in the turn in which the socket ends is survived`() async throws {
        try await withSocket(
            loops: 1,
            {
                $0.engine.pingInterval = .milliseconds(50)
                $0.engine.pingTimeout = .milliseconds(300)
            }
        ) { io, peer, socket in
            io.on("block") { (_: Socket) in _ = Gate().wait(patience: 0.6) }
            async let first = failure(of: socket, "x", timeout: .milliseconds(400))
            async let second = failure(of: socket, "y", timeout: .milliseconds(401))
            // With the ping outstanding, its timeout and those of the acknowledgements pass while the loop is blocked.
            while try peer.raw.receiveText() != "2" {}
            try peer.send(#"2["block"]"#)
            #expect(await first == AckError(.disconnected))
            #expect(await second == AckError(.disconnected))
            #expect(await eventually { await io.counts().sockets == 0 })
        }
    }

    @Test func `waiting on a socket of a closed server ends at once`() async throws {
        try await withSocket { io, peer, socket in
            async let pending = failure(of: socket, "x", timeout: .seconds(60))
            _ = try peer.receive()
            await io.close()
            #expect(await pending == AckError(.disconnected))
            #expect(
                await failure(of: socket, "x", timeout: .seconds(60))
                    == AckError(.disconnected))
            let replies: BroadcastReplies<Int> = await io.emitWithAck("x", timeout: .seconds(60))
            #expect(replies.replies.isEmpty && replies.missing.isEmpty)
        }
    }
}

/// What asking `socket` for a number fails with, nil if there is an answer.
func failure(of socket: Socket, _ name: EventName, timeout: Duration = .seconds(20)) async -> AckError? {
    do {
        let _: Int = try await socket.emitWithAck(name, timeout: timeout)
        return nil
    } catch {
        return error
    }
}
