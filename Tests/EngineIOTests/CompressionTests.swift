import NetLoop
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import EngineIO

/// permessage-deflate (RFC 7692) between a server and its clients.
@Suite(.timeLimit(.minutes(2))) struct CompressionTests {
    private static let offer = [("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")]

    /// Opens a session over WebSocket.
    private static func open(
        on server: TestServer, at target: String? = nil, _ fields: [(String, String)] = offer
    ) throws -> CompressedPeer {
        let client = try server.client()
        let peer = try CompressedPeer(client, try client.upgrade(target ?? server.webSocket, fields))
        #expect(try peer.receiveText().hasPrefix("0{"))
        return peer
    }

    private static func compress(_ configuration: inout EngineIOServer.Configuration) {
        configuration.perMessageDeflate = EngineIOServer.PerMessageDeflate()
    }

    private static let long = "4" + String(repeating: "[\"event\",{\"text\":\"é\"}]", count: 100)

    @Test func `it is off by default, and a message that is marked as compressed then ends the session`() async throws {
        try await withServer { server throws in
            let peer = try Self.open(on: server)
            #expect(peer.answer == nil)
            try peer.client.sendText(Self.long)
            #expect(try peer.receive().isCompressed == false)
            try peer.send(Self.long)
            #expect(try peer.client.receiveClose() == 1002)
            // What is not even of the grammar is nobody's business then.
            let other = try server.client()
            #expect(try other.upgrade(server.webSocket, [("Sec-WebSocket-Extensions", ";")]).status == 101)
            other.close()
            try server.expectUnharmed()
        }
    }

    @Test func `messages from the threshold on are compressed, both ways and each on its own`() async throws {
        try await withServer(Self.compress) { server throws in
            let peer = try Self.open(on: server)
            #expect(peer.answer == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
            var sizes: Set<Int> = []
            for _ in 0..<3 {
                try peer.send(Self.long)
                let answer = try peer.receive()
                #expect(answer.isCompressed && String(decoding: answer.payload, as: UTF8.self) == Self.long)
                sizes.insert(answer.byteCount)
            }
            #expect(sizes.count == 1)
            // Both sides of the threshold, and from a client that does not compress.
            for count in [1, 1022, 1023, 1024] {
                try peer.client.sendText("4" + String(repeating: "a", count: count))
                let answer = try peer.receive()
                #expect(answer.payload.count == count + 1 && answer.isCompressed == (count + 1 >= 1024))
            }
            // What does not become smaller is sent as it is.
            var generator = SeededGenerator(seed: 1)
            for count in [3_000, 15_000, 17_000, 400_000] {
                let noise = generator.bytes(count)
                try peer.client.sendBinary(noise)
                let answer = try peer.receive()
                #expect(answer.payload == noise && !answer.isCompressed)
                let zeros = Array(repeating: UInt8(0), count: count)
                try peer.client.send(RawClient.frame(firstByte: 0xC2, peer.compress(zeros)))
                let small = try peer.receive()
                #expect(small.payload == zeros && small.isCompressed && small.byteCount < 1_000)
            }
            // Control frames never are.
            try peer.client.send(RawClient.frame(firstByte: 0x89, Array(repeating: 7, count: 125)))
            #expect(try peer.client.receiveFrame() == RawFrame(.pong, Array(repeating: 7, count: 125)))
            try peer.client.sendClose(1000)
            #expect(try peer.client.receiveClose() == 1000)
            try server.expectUnharmed()
        }
    }

    @Test func `with a window that goes on, what resembles what was sent before becomes small`() async throws {
        try await withServer { configuration in
            Self.compress(&configuration)
            configuration.perMessageDeflate?.serverNoContextTakeover = false
            configuration.perMessageDeflate?.clientNoContextTakeover = false
            configuration.perMessageDeflate?.serverMaxWindowBits = 12
            configuration.perMessageDeflate?.clientMaxWindowBits = 10
        } _: { server throws in
            let peer = try Self.open(on: server)
            #expect(peer.answer == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=10")
            var generator = SeededGenerator(seed: 2)
            let noise = "4" + String(decoding: generator.bytes(1200).map { $0 & 0x3F | 0x40 }, as: UTF8.self)
            try peer.client.sendText(noise)
            let first = try peer.receive()
            try peer.client.sendText(noise)
            let second = try peer.receive()
            #expect(first.payload == second.payload && first.byteCount > 900 && second.byteCount < 30)
        }
    }

    @Test func `compressed messages come through however their frames are split, and in fragments`() async throws {
        try await withServer(Self.compress) { server throws in
            let peer = try Self.open(on: server)
            let payload = peer.compress(Array("4split".utf8))
            let bytes =
                RawClient.frame(firstByte: 0x41, Array(payload.prefix(3)))
                + RawClient.frame(firstByte: 0x89, [1]) + RawClient.frame(firstByte: 0x80, Array(payload.dropFirst(3)))
            for split in 1..<bytes.count {
                try peer.client.send(Array(bytes[..<split]))
                try peer.client.send(Array(bytes[split...]))
                #expect(try peer.client.receiveFrame() == RawFrame(.pong, [1]))
                #expect(try peer.receiveText() == "4split")
            }
        }
    }

    @Test func `what is too large once it is inflated is 1009, what cannot be inflated or is no text 1007`()
        async throws
    {
        try await withServer { configuration in
            Self.compress(&configuration)
            configuration.maxHttpBufferSize = 100_000
        } _: { server throws in
            let limit = try Self.open(on: server)
            try limit.send("4" + String(repeating: "a", count: 99_999))
            #expect(try limit.receive().payload.count == 100_000)
            try limit.send("4" + String(repeating: "a", count: 100_000))
            #expect(try limit.client.receiveClose() == 1009)
            let bomb = try Self.open(on: server)
            try bomb.client.send(
                RawClient.frame(firstByte: 0xC2, bomb.compress(Array(repeating: 0, count: 50_000_000))))
            #expect(try bomb.client.receiveClose() == 1009)
            for (first, payload) in [(0xC1, [0xFF]), (0xC2, []), (0xC2, [0xF2, 0x00, 0x11, 0x00, 0x00])] {
                let broken = try Self.open(on: server)
                try broken.client.send(RawClient.frame(firstByte: UInt8(first), payload.map { UInt8($0) }))
                #expect(try broken.client.receiveClose() == 1007)
            }
            let noText = try Self.open(on: server)
            try noText.client.send(RawClient.frame(firstByte: 0xC1, noText.compress([0x34, 0xFF])))
            #expect(try noText.client.receiveClose() == 1007)
            try server.expectUnharmed()
        }
    }

    @Test func `what refers to a window that was reset is 1007, and shows nothing of whose it was`() async throws {
        try await withServer(loops: 1, Self.compress) { server throws in
            let deflate = try #require(Deflate(.raw, try ZlibLibrary.load()))
            let frames = (0..<2).map { _ in
                let writer = ByteWriter()
                deflate.message(Self.long.utf8.span, to: writer)
                return RawClient.frame(firstByte: 0xC1, writer.array())
            }
            #expect(frames[1].count < frames[0].count)
            let first = try Self.open(on: server)
            try first.client.send(frames[0])
            #expect(try first.receiveText() == Self.long)
            // One window is all clients'.
            for peer in [first, try Self.open(on: server)] {
                try peer.client.send(frames[1])
                #expect(try peer.client.receiveClose() == 1007)
            }
            #expect(server.journal.rest.count { $0.hasPrefix("text") } == 1)
        }
    }

    @Test func `a client that reads late gets everything in order`() async throws {
        try await withServer(Self.compress) { server throws in
            let peer = try Self.open(on: server)
            var generator = SeededGenerator(seed: 3)
            let messages = (0..<100).map { number in
                "4\(number) " + String(decoding: generator.bytes(20_000).map { $0 & 0x1F | 0x40 }, as: UTF8.self)
            }
            for message in messages { try peer.client.sendText(message) }
            for message in messages { #expect(try peer.receiveText() == message) }
        }
    }

    @Test func `a WebSocket of a route compresses, too`() async throws {
        try await withServer(Self.compress) { server throws in
            server.engine.http.webSocket("/echo") { socket in
                for await message in socket { try await socket.send(message) }
            }
            let client = try server.client()
            let peer = try CompressedPeer(client, try client.upgrade("/echo", Self.offer))
            try peer.send(Self.long)
            #expect(try peer.receiveText() == Self.long)
            let zeros = Array(repeating: UInt8(0), count: 900_000)
            try client.sendBinary(zeros)
            let answer = try peer.receive()
            #expect(answer.payload == zeros && answer.isCompressed)
            try client.send(RawClient.frame(firstByte: 0xC1, [0xFF]))
            #expect(try client.receiveClose() == 1007)
        }
    }

    @Test func `an upgrade from polling is compressed, and the probe is not`() async throws {
        try await withServer(Self.compress) { server throws in
            let polling = try server.client()
            let id = try server.openPolling(on: polling)
            let client = try server.client()
            let peer = try CompressedPeer(client, try client.upgrade(server.webSocket(id), Self.offer))
            try peer.send("2probe")
            #expect(try peer.receiveText() == "3probe")
            try peer.send("5")
            try peer.send(Self.long)
            #expect(try peer.receiveText() == Self.long)
        }
    }

    @Test(arguments: [2_000, 100_000])
    func `a client of Engine_IO 3 has it, too, with bytes behind their type or as text`(count: Int) async throws {
        try await withServer {
            Self.compress(&$0)
            $0.allowEIO3 = true
        } _: { server throws in
            let target = "/engine.io/?EIO=3&transport=websocket"
            let message = [4] + Array(repeating: UInt8(7), count: count)
            let typed = try Self.open(on: server, at: target)
            try typed.client.send(RawClient.frame(firstByte: 0xC2, typed.compress(message)))
            let bytes = try typed.receive()
            #expect(bytes.payload == message && bytes.isCompressed && bytes.byteCount < 1_000)
            let text = try Self.open(on: server, at: "\(target)&b64=1")
            try text.client.sendBinary(message)
            let answer = try text.receive()
            #expect(answer.payload.starts(with: Array("b4BwcH".utf8)) && answer.isCompressed)
            #expect(answer.payload.count == 2 + (count + 2) / 3 * 4)
        }
    }

    @Test func `an offer that is not of the grammar is refused, and one that cannot be accepted passed over`()
        async throws
    {
        try await withServer(Self.compress) { server throws in
            #expect(try server.upgrade(server.webSocket, [("Sec-WebSocket-Extensions", "a b")]).status == 400)
            let peer = try Self.open(
                on: server, [("Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=7")])
            #expect(peer.answer == nil)
            try peer.client.sendText(Self.long)
            #expect(try peer.receive().isCompressed == false)
        }
    }

    @Test func `windows of their own are limited, and those over it compress each message on its own`() async throws {
        try await withServer(loops: 1) { configuration in
            Self.compress(&configuration)
            configuration.perMessageDeflate?.serverNoContextTakeover = false
            configuration.limits.compressionContexts = 2
        } _: { server throws in
            let first = try Self.open(on: server)
            let second = try Self.open(on: server)
            let third = try Self.open(on: server)
            let alone = "permessage-deflate; client_no_context_takeover"
            #expect([first, second].allSatisfy { $0.answer == alone })
            #expect(third.answer == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
            try first.client.sendClose()
            #expect(try first.client.receiveToEnd().isEmpty == false)
            try server.expectCensus(sessions: 2, connections: 2)
            #expect(try Self.open(on: server).answer == alone)
        }
    }

    @Test func `what goes to many is compressed once`() async throws {
        try await withServer(loops: 1, Self.compress) { server throws in
            let peers = try (0..<3).map { _ in try Self.open(on: server) }
            let before = try server.onEachShard { shard in
                var message = SharedMessage(Array(Self.long.utf8.dropFirst()), on: shard.loop)
                for session in shard.sessions.all { session.send(&message) }
                return shard.compression?.messageCount ?? 0
            }
            for peer in peers {
                let message = try peer.receive()
                #expect(message.isCompressed && String(decoding: message.payload, as: UTF8.self) == Self.long)
            }
            let after = try server.onEachShard { $0.compression?.messageCount ?? 0 }
            #expect(after == before.map { $0 + 1 })
        }
    }

    @Test(arguments: [2_000, 20_000])
    func `bytes that go to many are compressed once, though they are written for each`(count: Int) async throws {
        try await withServer(loops: 1, Self.compress) { server throws in
            let peers = try (0..<3).map { _ in try Self.open(on: server) }
            let bytes = [UInt8](repeating: 0x61, count: count)
            let before = try server.onEachShard { shard in
                defer { for session in shard.sessions.all { session.send(binary: bytes) } }
                return shard.compression?.messageCount ?? 0
            }
            for peer in peers {
                let message = try peer.receive()
                #expect(message.isCompressed && message.payload == bytes)
            }
            let after = try server.onEachShard { $0.compression?.messageCount ?? 0 }
            #expect(after == before.map { $0 + 1 })
        }
    }

    @Test func `little is read at once of a client that compresses, so that whoever has enough can say so`()
        async throws
    {
        try await withServer(loops: 1, Self.compress) { server throws in
            let peer = try Self.open(on: server)
            let frame = RawClient.frame(firstByte: 0xC1, peer.compress(Array(Self.long.utf8)))
            let taker = Mutex<LoopBound<OneMessage>?>(nil)
            // The test waits meanwhile.
            nonisolated(unsafe) let client = peer.client
            _ = try server.onEachShard { shard in
                for session in shard.sessions.all {
                    let handler = OneMessage(session)
                    session.pass(to: handler)
                    taker.withLock { $0 = LoopBound(handler, on: shard.loop) }
                }
                // All is there before the loop reads.
                try? unsafe client.send(Array(repeatElement(frame, count: 60_000 / frame.count).joined()))
            }
            // A turn later.
            _ = try Self.open(on: server)
            let counts = try server.onEachShard { _ in taker.withLock { $0?.value.count ?? 0 } }
            #expect(counts[0] > 0 && counts[0] <= 16 * 1024 / frame.count + 1)
        }
    }

    /// The frames of compressed messages that end with their number.
    static func frames(_ count: Int) throws -> [[UInt8]] {
        let deflate = try #require(Deflate(.raw, try ZlibLibrary.load()))
        return (0..<count).map { number in
            let writer = ByteWriter()
            deflate.restart()
            deflate.message("\(long) \(number)".utf8.span, to: writer)
            return RawClient.frame(firstByte: 0xC1, writer.array())
        }
    }

    /// A request for a WebSocket with what the client sends behind it, in one piece.
    static func request(_ server: TestServer, before frames: [[UInt8]]) -> [UInt8] {
        RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields + offer) + frames.joined()
    }

    @Test func `no more is taken at once of what comes with the request for a WebSocket than of what comes later`()
        async throws
    {
        try await withServer(loops: 1) { configuration in
            Self.compress(&configuration)
            // The first message is one too many: from then on the client is not read.
            configuration.rates.bytesPerConnection = .init(1, per: .seconds(1_000))
            configuration.rates.excess = .delay
        } _: { server throws in
            let frames = try Self.frames(1_000)
            let request = Self.request(server, before: frames)
            let client = try server.client()
            // The test waits meanwhile.
            nonisolated(unsafe) let sender = client
            // All is there before the loop reads.
            _ = try server.onEachShard { _ in try? unsafe sender.send(request) }
            #expect(try client.response().status == 101)
            // Turns later.
            for _ in 0..<3 { _ = try server.get("/none") }
            var room = 16 * 1024
            let fitting = frames.prefix { frame in
                room -= frame.count
                return room >= 0
            }
            #expect(server.journal.rest.count { $0.hasPrefix("text") } == fitting.count)
        }
    }

    @Test(arguments: [false, true])
    func `what comes with the request for a WebSocket is all handled, in order and before what comes later`(
        finishes: Bool
    ) async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        try await withServer(loops: 1) { configuration in
            Self.compress(&configuration)
            // So that the end of the client's side is there before its WebSocket is.
            guard finishes else { return }
            configuration.middlewares.append { _ in
                for await _ in gate.stream { return [] }
                return []
            }
        } _: { server throws in
            let client = try server.client()
            try client.send(Self.request(server, before: try Self.frames(500)))
            if finishes {
                client.finish()
                for _ in 0..<3 { _ = try server.get("/none") }
                gate.continuation.yield()
            } else {
                try client.sendText("4last")
            }
            let expected = (0..<500).map { "text \(Self.long.dropFirst()) \($0)" } + [finishes ? "" : "text last"]
            #expect(try server.journal.next() == "open")
            for line in expected where !line.isEmpty { #expect(try server.journal.next() == line) }
            if finishes { #expect(try server.journal.next() == "close transport close") }
        }
    }

    @Test func `without the library nothing is negotiated, and the log says so once`() async throws {
        try await withServer { configuration in
            Self.compress(&configuration)
            configuration.zlib = "libz.so.none"
        } _: { server throws in
            let peer = try Self.open(on: server)
            #expect(peer.answer == nil)
            let lines = server.log.lines.filter { $0.hasPrefix("warning: nothing is compressed: that needs zlib") }
            #expect(lines.count == 1)
        }
    }
}

/// Has enough after the first message.
private final class OneMessage: EngineSessionHandler {
    private(set) var count = 0
    private unowned let session: EngineSession
    let isSettled = true

    init(_ session: EngineSession) {
        self.session = session
    }

    func received(text: Span<UInt8>) {
        count += 1
        session.setReading(false)
    }

    func received(binary: [UInt8]) {}
    func sessionClosed(_ reason: EngineCloseReason) {}
}
