import SocketIO
import Testing

@Suite struct BroadcastAckTests {
    /// The packet's id.
    private func id(of packet: String) -> String {
        String(packet.dropFirst().prefix { $0.isNumber })
    }

    @Test func `all replies are there at once when the last one comes`() async throws {
        try await serve(loops: 4) { io, port in
            let peers = try (0..<8).map { _ in try Peer(port) }
            async let replies: BroadcastReplies<Int> = io.emitWithAck("x", timeout: .seconds(60))
            var ids: Set<String> = []
            for (index, peer) in peers.enumerated() {
                let id = id(of: try peer.receive())
                ids.insert(id)
                try peer.send("3\(id)[\(index)]")
            }
            // Encoded once for all.
            #expect(ids.count == 1)
            let expected = Dictionary(uniqueKeysWithValues: peers.enumerated().map { (SocketID($1.sid), $0) })
            #expect(await replies.replies == expected)
            #expect(await replies.missing == [])
        }
    }

    @Test func `who does not answer in time, leaves or answers something else is missing`() async throws {
        try await serve { io, port in
            answerSync(io)
            let peers = try (0..<4).map { _ in try Peer(port) }
            async let result: BroadcastReplies<Int> = io.emitWithAck("x", 1, timeout: .milliseconds(150))
            let packets = try peers.map { try $0.receive() }
            try peers[0].send("3\(id(of: packets[0]))[5]")
            try peers[1].send(#"3\#(id(of: packets[1]))["text"]"#)
            peers[2].raw.abort()
            let replies = await result
            #expect(replies.replies == [SocketID(peers[0].sid): 5])
            #expect(replies.missing == Set(peers.dropFirst().map { SocketID($0.sid) }))
            // Too late, and ignored.
            try peers[3].send("3\(id(of: packets[3]))[5]")
            try peers[3].sync()
        }
    }

    @Test func `it does not wait for a member that leaves`() async throws {
        try await serve { io, port in
            let peers = try (0..<3).map { _ in try Peer(port) }
            async let result: BroadcastReplies<Int> = io.emitWithAck("x", timeout: .seconds(60))
            let packets = try peers.map { try $0.receive() }
            try peers[0].send("3\(id(of: packets[0]))[1]")
            try peers[1].send("1")
            peers[2].raw.abort()
            let replies = await result
            #expect(replies.replies == [SocketID(peers[0].sid): 1])
            #expect(replies.missing == [SocketID(peers[1].sid), SocketID(peers[2].sid)])
        }
    }

    @Test func `of a broadcast that cannot be encoded all are missing, and the log says why`() async throws {
        struct Broken: Encodable, Sendable {
            func encode(to encoder: any Encoder) throws { throw Unexpected(what: "on purpose") }
        }
        let lines = Journal()
        try await serve(loops: 2, { $0.logger = LineLogger(lines) }) { io, port in
            answerSync(io)
            io.on("join") { (socket: Socket) in socket.join("room") }
            let peers = try (0..<4).map { _ in try Peer(port) }
            for peer in peers.prefix(2) {
                try peer.send(#"2["join"]"#)
                try peer.sync()
            }
            let replies: BroadcastReplies<Int> = await io.to("room").emitWithAck(
                "x", Broken(), timeout: .seconds(60))
            #expect(replies.replies.isEmpty && replies.isComplete)
            #expect(replies.missing == Set(peers.prefix(2).map { SocketID($0.sid) }))
            #expect(lines.lines.contains { $0.hasPrefix("error") && $0.contains("on purpose") })
            for peer in peers { try peer.sync() }
        }
    }

    @Test func `with nobody to ask it returns at once`() async throws {
        try await serve { io, port in
            let none: BroadcastReplies<Int> = await io.emitWithAck("x", timeout: .seconds(60))
            #expect(none.replies.isEmpty && none.missing.isEmpty)
            _ = try Peer(port)
            let nobody: BroadcastReplies<Int> = await io.to("nobody").emitWithAck("x", timeout: .seconds(60))
            #expect(nobody.replies.isEmpty && nobody.missing.isEmpty)
        }
        let idle: BroadcastReplies<Int> = await SocketIOServer().emitWithAck("x", timeout: .seconds(60))
        #expect(idle.replies.isEmpty)
    }

    @Test func `a room's member that is not connected yet is not waited for, nor counted`() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.use { socket in
                socket.join("room")
                if socket.handshake.query["wait"] != nil {
                    journal.note("waits")
                    await gate.passed()
                }
            }
            let waiting = try Peer(port, connecting: false, query: "&wait=1")
            try waiting.send("0")
            _ = journal.wait(for: 1)
            let peers = try (0..<2).map { _ in try Peer(port) }
            async let result: BroadcastReplies<Int> = io.to("room").emitWithAck("x", timeout: .seconds(60))
            for peer in peers { try peer.send("3\(id(of: try peer.receive()))[1]") }
            #expect(await result.replies.count == 2)
            #expect(await result.missing == [])
        }
    }

    @Test func `a member with too many pending is missing, and the others are waited for`() async throws {
        try await serve(loops: 1, { $0.limits.pendingAcks = 1 }) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let busy = try Peer(port)
            let socket = try hold.take()
            async let pending = failure(of: socket, "first")
            let first = try busy.receive()
            let other = try Peer(port)
            async let result: BroadcastReplies<Int> = io.emitWithAck("x", timeout: .seconds(60))
            try other.send("3\(id(of: try other.receive()))[1]")
            #expect(await result.replies == [SocketID(other.sid): 1])
            #expect(await result.missing == [SocketID(busy.sid)])
            try busy.send("3\(id(of: first))[1]")
            #expect(await pending == nil)
        }
    }

    @Test func `a cancelled task stops waiting, and leaves no entry behind`() async throws {
        try await serve(loops: 1, { $0.limits.pendingAcks = 1 }) { io, port in
            let peer = try Peer(port)
            for _ in 0..<3 {
                let task = Task { await io.emitWithAck("x", timeout: .seconds(60)) as BroadcastReplies<Int> }
                _ = try peer.receive()
                task.cancel()
                #expect(await task.value.replies.isEmpty)
            }
            for _ in 0..<3 {
                let early = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return await io.emitWithAck("early", timeout: .seconds(60)) as BroadcastReplies<Int>
                }
                early.cancel()
                #expect(await early.value.replies.isEmpty)
            }
            async let result: BroadcastReplies<Int> = io.emitWithAck("last", timeout: .seconds(60))
            var packet = try peer.receive()
            while !packet.hasSuffix(#"["last"]"#) { packet = try peer.receive() }
            try peer.send("3\(id(of: packet))[7]")
            #expect(await result.replies.values.first == 7)
        }
    }

    @Test func `a loop that gets to it only after the time leaves no entry behind`() async throws {
        try await serve(loops: 2, { $0.limits.pendingAcks = 1 }) { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            io.on("block") { (_: Socket) in
                // The time is kept on the first loop, which may be this one or not.
                _ = Task.detached { await io.emitWithAck("x", timeout: .milliseconds(1)) as BroadcastReplies<Int> }
                _ = Gate().wait(patience: 0.1)
            }
            // One on each loop.
            let peers = try [Peer(port), Peer(port)]
            for (index, peer) in peers.enumerated() {
                try peer.send(#"2["block"]"#)
                for peer in peers {
                    let packet = try peer.receive()
                    #expect(packet.hasSuffix(#"["x"]"#))
                }
                let socket = try hold.take(index)
                let isFree = await eventually {
                    await failure(of: socket, "probe", timeout: .milliseconds(1)) == AckError(.timedOut)
                }
                #expect(isFree)
                let probe = try peer.receive()
                #expect(probe.hasSuffix(#"["probe"]"#))
            }
        }
    }
}
