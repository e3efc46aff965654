import SocketIO
import Testing

/// Reasons are the official server's words (Protocol.md 3.7).
@Suite struct DisconnectTests {
    /// Connects, lets `end` end it, and expects the reason in both handlers of both places.
    private func expect(
        _ reason: String, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        at location: SourceLocation = #_sourceLocation, after end: (Peer, SocketIOServer) async throws -> Void
    ) async throws {
        try await serve(loops: 1, configure) { io, port in
            let journal = noteEnds(of: io)
            io.on("kick") { (socket: Socket) in socket.disconnect() }
            io.on("close") { (socket: Socket) in socket.disconnect(closingConnection: true) }
            let peer = try Peer(port)
            try await end(peer, io)
            let expected = ["disconnecting", "own disconnecting", "disconnect", "own disconnect"].map {
                "\($0) \(reason)"
            }
            #expect(journal.wait(for: 4) == expected, sourceLocation: location)
        }
    }

    private func noteEnds(of io: SocketIOServer) -> Journal {
        let journal = Journal()
        io.onDisconnecting { _, reason in journal.note("disconnecting \(reason)") }
        io.onDisconnect { _, reason in journal.note("disconnect \(reason)") }
        io.onConnection { socket in
            socket.onDisconnecting { reason in journal.note("own disconnecting \(reason)") }
            socket.onDisconnect { reason in journal.note("own disconnect \(reason)") }
        }
        return journal
    }

    @Test func `onDisconnect registered within onDisconnecting is called`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                socket.onDisconnecting { _ in socket.onDisconnect { reason in journal.note("\(reason)") } }
            }
            let peer = try Peer(port)
            try peer.send("1")
            #expect(journal.wait(for: 1) == ["client namespace disconnect"])
        }
    }

    @Test func `the client disconnects`() async throws {
        try await expect("client namespace disconnect") { peer, _ in try peer.send("1") }
    }

    @Test func `the server disconnects, and the connection stays`() async throws {
        try await expect("server namespace disconnect") { peer, _ in
            try peer.send(#"2["kick"]"#)
            #expect(try peer.receive() == "1")
            try peer.connect()
        }
    }

    @Test func `the server disconnects and closes the connection`() async throws {
        try await expect("server namespace disconnect") { peer, _ in
            try peer.send(#"2["close"]"#)
            #expect(try peer.receive() == "1")
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `the client closes its WebSocket`() async throws {
        try await expect("transport close") { peer, _ in try peer.raw.sendClose(1001) }
    }

    @Test func `the client ends its TCP connection`() async throws {
        try await expect("transport close") { peer, _ in peer.raw.close() }
    }

    @Test func `the client's TCP connection breaks`() async throws {
        try await expect("transport error") { peer, _ in peer.raw.abort() }
    }

    @Test func `the client breaks WebSocket's rules`() async throws {
        try await expect("transport error") { peer, _ in
            try peer.raw.send(RawClient.frame(firstByte: 0xC1, Array("4".utf8)))
            #expect(try peer.raw.receiveClose() == 1002)
        }
    }

    @Test func `the client breaks Socket.IO's rules`() async throws {
        try await expect("forced close") { peer, _ in
            try peer.send("9")
            #expect(try peer.raw.receiveClose() == 1002)
        }
    }

    @Test func `the client does not send the attachments that it announced`() async throws {
        try await expect("forced close", { $0.limits.attachmentTime = .milliseconds(40) }) { peer, _ in
            try peer.send(#"51-["x"]"#)
            #expect(try peer.raw.receiveClose() == 1008)
        }
    }

    @Test func `the client sends a message that is too large`() async throws {
        try await expect("transport error", { $0.engine.maxHttpBufferSize = 1000 }) { peer, _ in
            try peer.send(#"2["\#(String(repeating: "x", count: 1000))"]"#)
            #expect(try peer.raw.receiveClose() == 1009)
        }
    }

    @Test func `the client pings`() async throws {
        try await expect("transport error") { peer, _ in try peer.raw.sendText("2") }
    }

    @Test func `the client does not answer a ping`() async throws {
        try await expect(
            "ping timeout",
            {
                $0.engine.pingInterval = .milliseconds(300)
                $0.engine.pingTimeout = .milliseconds(50)
            }
        ) { peer, _ in #expect(peer.isClosedByServer()) }
    }

    @Test(arguments: ["x", ""])
    func `the client sends no packet of Engine.IO`(message: String) async throws {
        try await expect("parse error") { peer, _ in try peer.raw.sendText(message) }
    }

    @Test(arguments: ["9", "", #"4{"message":"x"}"#, "1{}", #"2["a""#])
    func `the client sends no packet of Socket.IO`(packet: String) async throws {
        try await expect("forced close") { peer, _ in
            try peer.send(packet)
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `the server closes`() async throws {
        try await expect("server shutting down") { peer, io in
            await io.close()
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `a client that does not read is given up`() async throws {
        try await expect("slow consumer", { $0.engine.limits.bufferedBytes = 200_000 }) { peer, io in
            let text = String(repeating: "x", count: 500_000)
            for _ in 0..<20 { io.emit("x", text) }
        }
    }

    @Test func `polling has its own ends`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = noteEnds(of: io)
            func expect(_ reason: String, after end: (PollingPeer) throws -> Void) throws {
                let before = journal.lines.count
                let peer = try PollingPeer(port)
                try end(peer)
                #expect(journal.wait(for: before + 4).suffix(1) == ["own disconnect \(reason)"])
            }
            try expect("transport close") { try $0.post("1") }
            try expect("transport close") { try $0.post("1\u{1E}42[\"never\"]") }
            try expect("client namespace disconnect") { try $0.send("1") }
            try expect("parse error") { try? $0.post("x") }
            try expect("parse error") { try? $0.post("43[]\u{1E}") }
            try expect("transport error") {
                try $0.beginPoll()
                try $0.post("43[]")
                $0.abort()
            }
            try expect("forced close") {
                try $0.beginPoll()
                try $0.send("9")
                let packets = try $0.endPoll()
                #expect(packets == ["1"])
            }
        }
    }

    @Test func `every namespace hears DISCONNECT before the connection closes`() async throws {
        try await serve { io, port in
            let journal = Journal()
            let admin = io.namespace("/admin")
            for namespace in [io.namespace("/"), admin] {
                namespace.onDisconnect { socket, reason in journal.note("\(socket.namespace.name) \(reason)") }
            }
            admin.on("close") { (socket: Socket) in
                socket.disconnect(closingConnection: true)
                socket.emit("never")
            }
            let peer = try Peer(port)
            try peer.connect("/admin")
            try peer.send(#"2/admin,["close"]"#)
            #expect(try peer.receive() == "1")
            #expect(try peer.receive() == "1/admin,")
            #expect(peer.isClosedByServer())
            #expect(journal.wait(for: 2) == ["/ server namespace disconnect", "/admin server namespace disconnect"])

            let poller = try PollingPeer(port)
            io.disconnectSockets(closingConnection: true)
            #expect(try poller.receive() == "1")
            #expect(try poller.receive() == "1")
        }
    }

    @Test func `what was sent before a disconnect arrives`() async throws {
        try await serve { io, port in
            io.on("bye") { (socket: Socket) in
                socket.emit("last words", 1)
                socket.disconnect(closingConnection: true)
            }
            let peer = try Peer(port)
            try peer.send(#"2["bye"]"#)
            #expect(try peer.receive() == #"2["last words",1]"#)
            #expect(try peer.receive() == "1")
            #expect(peer.isClosedByServer())
        }
    }

    /// The official server drops what arrives together with the end (Protocol.md 8).
    @Test(arguments: [false, true])
    func `what a client sent before it left is handled, though it left at once`(overPolling: Bool) async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket, number: Int) in journal.note("x \(number)") }
            io.on("bytes") { (_: Socket, bytes: [UInt8]) in journal.note("bytes \(bytes)") }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            let packets = [#"42["x",1]"#, #"451-["bytes",{"_placeholder":true,"num":0}]"#]
            for (number, reason) in ["client namespace disconnect", "transport close"].enumerated() {
                if overPolling {
                    let peer = try PollingPeer(port)
                    try peer.post((packets + ["bAQID", number == 0 ? "41" : "1"]).joined(separator: "\u{1E}"))
                } else {
                    let end = number == 0 ? RawClient.textFrame("41") : RawClient.frame(firstByte: 0x88, [])
                    let peer = try Peer(port)
                    try peer.raw.send(
                        packets.flatMap(RawClient.textFrame) + RawClient.frame(firstByte: 0x82, [1, 2, 3]) + end)
                }
                #expect(journal.wait(for: 3 * (number + 1)).suffix(3) == ["x 1", "bytes [1, 2, 3]", reason])
            }
        }
    }

    @Test func `events behind a DISCONNECT close the connection`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.on("x") { (_: Socket) in journal.note("x") }
            let peer = try Peer(port)
            try peer.send("1")
            try peer.send(#"2["x"]"#)
            #expect(peer.isClosedByServer())
            #expect(journal.lines == [])
        }
    }

    @Test func `an onDisconnecting handler may disconnect again, and close the connection`() async throws {
        try await serve(loops: 1) { io, port in
            let journal = Journal()
            io.onDisconnecting { socket, reason in
                journal.note("disconnecting \(reason)")
                socket.disconnect()
                io.to(socket.id).disconnectSockets()
                socket.disconnect(closingConnection: true)
            }
            io.onDisconnect { _, reason in journal.note("disconnect \(reason)") }
            let peer = try Peer(port)
            try peer.send("1")
            #expect(peer.isClosedByServer())
            let reason = "client namespace disconnect"
            #expect(journal.wait(for: 2) == ["disconnecting \(reason)", "disconnect \(reason)"])
            #expect(await io.counts().sockets == 0)
        }
    }

    @Test func `disconnecting twice, and from another thread, ends it once`() async throws {
        try await serve { io, port in
            let journal = Journal()
            let hold = Hold()
            io.onConnection { hold.put($0) }
            io.onDisconnect { _, _ in journal.note("disconnect") }
            let peer = try Peer(port)
            let socket = try hold.take()
            for _ in 0..<3 { socket.disconnect() }
            socket.disconnect(closingConnection: true)
            #expect(try peer.receive() == "1")
            _ = await io.counts()
            #expect(journal.lines == ["disconnect"])
            #expect(!socket.isConnected)
        }
    }

    @Test func `asynchronous disconnect handlers run to their end`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onDisconnect { socket, reason async in
                await Task.yield()
                journal.note("\(socket.id) \(reason)")
            }
            let peer = try Peer(port)
            try peer.send("1")
            #expect(journal.wait(for: 1) == ["\(peer.sid) client namespace disconnect"])
        }
    }
}
