import SocketIO
import TestSupport
import Testing

/// `compress(false)`: what must not be compressed is not, over either transport.
@Suite(.timeLimit(.minutes(1))) struct UncompressedTests {
    private static let long = String(repeating: "words ", count: 500)
    private static let offer = [("Sec-WebSocket-Extensions", "permessage-deflate")]
    private static let bytes = Array(repeating: UInt8(7), count: 20_000)

    private static func compress(_ configuration: inout SocketIOServer.Configuration) {
        configuration.engine.perMessageDeflate = .init()
        configuration.engine.httpCompression = .init()
    }

    /// A client over WebSocket that agrees to compression, in the main namespace.
    private func open(_ port: Int, auth: String = "") throws -> RawClient {
        let client = try RawClient(port: port)
        let response = try client.upgrade("/socket.io/?EIO=4&transport=websocket", Self.offer)
        #expect(response["sec-websocket-extensions"] != nil)
        _ = try client.receiveText()
        try client.sendText("40\(auth)")
        return client
    }

    private func connect(_ port: Int) throws -> RawClient {
        let client = try open(port)
        #expect(try client.receiveText().hasPrefix("40{"))
        return client
    }

    /// Whether the next messages are compressed.
    private func compressed(_ count: Int, to client: RawClient) throws -> [Bool] {
        try client.inOneWait { try (0..<count).map { _ in try client.receiveFrame().isCompressed } }
    }

    @Test func `over WebSocket, one event and its bytes, to one or to many`() async throws {
        try await serve(loops: 1, Self.compress) { io, port in
            io.on("one") { (socket: Socket) in
                socket.emit("a", Self.long)
                socket.compress(false).emit("b", Self.long)
                socket.compress(false).compress(true).emit("c", Self.long)
                socket.compress(false).volatile.emit("d", Self.long)
                socket.latest.compress(false).emit("e", Self.long, Self.bytes)
                socket.emit("f", Self.long, Self.bytes)
            }
            io.on("many") { (_: Socket) in
                io.compress(false).emit("a", Self.long, Self.bytes)
                io.emit("b", Self.long, Self.bytes)
                io.latest.compress(false).emit("c", Self.long)
                io.compress(false).compress(true).emit("d", Self.long)
            }
            io.on("ask") { (_: Socket) async in
                _ = await io.compress(false).emitWithAck(
                    "a", Self.long, replying: Bool.self, timeout: .milliseconds(1))
            }
            let client = try connect(port)
            try client.sendText(#"42["one"]"#)
            #expect(try compressed(8, to: client) == [true, false, true, false, false, false, true, true])
            let other = try connect(port)
            try client.sendText(#"42["many"]"#)
            for client in [client, other] {
                #expect(try compressed(6, to: client) == [false, false, true, true, false, true])
            }
            try client.sendText(#"42["ask"]"#)
            for client in [client, other] { #expect(try compressed(1, to: client) == [false]) }
            // From any thread.
            io.compress(false).emit("a", Self.long)
            for client in [client, other] { #expect(try compressed(1, to: client) == [false]) }
        }
    }

    @Test func `also where the output of a turn is so much that it is sent in parts`() async throws {
        try await serve(loops: 1, Self.compress) { io, port in
            let text = String(repeating: "x", count: 400_000)
            io.on("go") { (socket: Socket) in
                for _ in 0..<5 {
                    socket.emit("a", text)
                    socket.compress(false).emit("b", text)
                    io.compress(false).emit("c", text, Self.bytes, Self.bytes)
                }
            }
            let client = try connect(port)
            try client.sendText(#"42["go"]"#)
            #expect(try compressed(25, to: client) == (0..<5).flatMap { _ in [true, false, false, false, false] })
        }
    }

    @Test func `over polling, the whole answer`() async throws {
        try await serve(loops: 1, Self.compress) { io, port in
            io.on("open") { (socket: Socket) in socket.emit("a", Self.long) }
            io.on("secret") { (socket: Socket) in
                socket.emit("a", Self.long)
                socket.compress(false).emit("b", "secret")
            }
            io.on("many") { (_: Socket) in io.compress(false).emit("a", Self.long) }
            let (client, target) = try poll(port)
            for (event, isCompressed) in [
                ("open", true), ("secret", false), ("open", true), ("many", false), ("open", true),
            ] {
                #expect(try client.post(target, "42[\"\(event)\"]").text == "ok")
                #expect(
                    try client.get(target, [("Accept-Encoding", "gzip")])["content-encoding"]
                        == (isCompressed ? "gzip" : nil))
            }
        }
    }

    /// A client over polling in the main namespace, and where it polls.
    private func poll(_ port: Int) throws -> (RawClient, String) {
        let client = try RawClient(port: port)
        let start = "/socket.io/?EIO=4&transport=polling"
        let open = try client.get(start).text
        let target = "\(start)&sid=\(open.dropFirst(9).prefix(20))"
        #expect(try client.post(target, "40").text == "ok")
        #expect(try client.get(target).text.hasPrefix("40{"))
        return (client, target)
    }

    @Test func `what waited for a poll when the client went over to WebSocket`() async throws {
        try await serve(loops: 1, Self.compress) { io, port in
            io.on("secret") { (socket: Socket) in socket.compress(false).emit("a", Self.long) }
            io.on("open") { (socket: Socket) in socket.emit("b", Self.long) }
            let (poller, target) = try poll(port)
            #expect(try poller.post(target, #"42["secret"]"#).text == "ok")
            let client = try RawClient(port: port)
            let upgrade = target.replacing("transport=polling", with: "transport=websocket")
            #expect(try client.upgrade(upgrade, Self.offer)["sec-websocket-extensions"] != nil)
            try client.sendText("2probe")
            #expect(try client.receiveText() == "3probe")
            try client.sendText("5")
            try client.sendText(#"42["open"]"#)
            #expect(try compressed(2, to: client) == [false, true])
        }
    }

    @Test func `what a client that comes back has missed, whatever it is`() async throws {
        try await serve(loops: 1) {
            Self.compress(&$0)
            $0.recovery = .init()
        } _: { io, port in
            let first = try open(port)
            let parts = try first.receiveText().split(separator: #"""#)
            try #require(parts.count == 9)
            first.abort()
            #expect(await eventually { await io.counts.sockets == [:] })
            io.compress(false).emit("missed", Self.long)
            let client = try open(port, auth: #"{"pid":"\#(parts[7])"}"#)
            let missed = try client.receiveText()
            #expect(missed.hasPrefix(#"42["missed""#))
            #expect(try client.receiveText().contains(parts[7]))
            io.emit("open", Self.long)
            #expect(try compressed(1, to: client) == [true])
        }
    }

    @Test func `on other nodes, and for them`() async throws {
        let adapter = ScriptedAdapter()
        try await serve(loops: 1) {
            Self.compress(&$0)
            $0.adapter = adapter
        } _: { io, port in
            let client = try connect(port)
            io.compress(false).emit("a", Self.long)
            let message = try await adapter.message()
            guard case .broadcast(let event, let audience, let flags, request: _) = message else {
                throw Unexpected(what: "no broadcast")
            }
            #expect(flags == ClusterFlags(compress: false))
            adapter.local.receive(.broadcast(event, audience, flags), from: "b")
            adapter.local.receive(.broadcast(event, audience, ClusterFlags(compress: true)), from: "b")
            #expect(try compressed(3, to: client) == [false, false, true])
        }
    }

    @Test func `a server that compresses nothing takes it, too`() async throws {
        try await serve { io, port in
            io.on("go") { (socket: Socket) in
                socket.compress(false).emit("a", 1)
                io.compress(false).emit("b", 2)
            }
            let peer = try Peer(port)
            try peer.send(#"2["go"]"#)
            #expect(try peer.receive() == #"2["a",1]"#)
            #expect(try peer.receive() == #"2["b",2]"#)
        }
    }
}
