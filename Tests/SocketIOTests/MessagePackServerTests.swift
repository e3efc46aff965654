import SocketIO
import SocketIOWire
import Testing

/// A client that speaks MessagePack: in tests it is easier to write as text.
private final class PackedPeer {
    private let raw: RawClient
    private(set) var sid = ""

    init(_ port: Int) throws {
        raw = try RawClient(port: port)
        try raw.openWebSocket("/socket.io/?EIO=4&transport=websocket")
        _ = try raw.receiveText()
        try send("0")
        let reply = try receive().text
        sid = String(reply.dropFirst(9).prefix(20))
    }

    func send(_ text: String, _ attachments: [[UInt8]] = []) throws {
        let packet = EncodedPacket(text: Array(text.utf8), attachments: attachments)
        try raw.sendBinary(try packet.messagePack(limits: PacketLimits()))
    }

    func send(raw text: String) throws { try raw.sendText(text) }
    func send(bytes: [UInt8]) throws { try raw.sendBinary(bytes) }

    func receive() throws -> (text: String, attachments: [[UInt8]]) {
        let frame = try raw.receiveFrame()
        guard frame.opcode == .binary else { throw Unexpected(what: "\(frame)") }
        let packet = try EncodedPacket(messagePack: frame.payload.span, limits: PacketLimits())
        return (String(decoding: packet.text, as: UTF8.self), packet.attachments)
    }

    func receiveValue() throws -> JSONValue? {
        let frame = try raw.receiveFrame()
        return try MessagePackReader.value(
            of: frame.payload.span, limits: MessagePackReader.Limits(depth: 10, values: 10_000))
    }

    func isClosed() -> Bool { (try? raw.receiveClose()) != nil }
}

@Suite struct MessagePackServerTests {
    private func serveMessagePack(
        loops: Int = 1, _ configure: (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ body: (SocketIOServer, Int) async throws -> Void
    ) async throws {
        try await serve(loops: loops) {
            $0.parser = .msgpack
            configure(&$0)
        } _: { io, port in
            try await body(io, port)
        }
    }

    @Test func `events, acknowledgements and bytes travel in one message each`() async throws {
        try await serveMessagePack { io, port in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in
                socket.emit("echo", arguments)
                return arguments
            }
            let peer = try PackedPeer(port)
            #expect(peer.sid.count == 20)
            for (arguments, attachments) in [
                (#""text",1,1.5,null,true,{"a":[]}"#, []), (#"{"_placeholder":true,"num":0},7"#, [[1, 2, 3]]),
            ] as [(String, [[UInt8]])] {
                let (event, ack) = attachments.isEmpty ? ("2", "3") : ("51-", "61-")
                try peer.send(event + #"7["echo",\#(arguments)]"#, attachments)
                let echoed = try peer.receive()
                #expect(echoed.text == event + #"["echo",\#(arguments)]"# && echoed.attachments == attachments)
                let answer = try peer.receive()
                #expect(answer.text == ack + "7[\(arguments)]" && answer.attachments == attachments)
            }
        }
    }

    @Test func `namespaces, rooms, refusals and requests work as with JSON`() async throws {
        try await serveMessagePack(loops: 2) { io, port in
            let other = io.namespace("/other")
            other.use { if try $0.handshake.auth(as: [String: Int].self)["a"] != 1 { throw ConnectionRefused("no") } }
            other.onConnection { $0.join("room") }
            let peers = try (0..<4).map { _ in try PackedPeer(port) }
            for peer in peers {
                try peer.send("0/other,")
                #expect(try peer.receive().text == #"4/other,{"message":"Connection refused"}"#)
                try peer.send(#"0/other,{"a":2}"#)
                #expect(try peer.receive().text == #"4/other,{"message":"no"}"#)
                try peer.send(#"0/other,{"a":1}"#)
                #expect(try peer.receive().text.hasPrefix(#"0/other,{"sid":""#))
            }
            other.to("room").emit("news", [1, 2] as [UInt8])
            for peer in peers {
                let news = try peer.receive()
                #expect(
                    news.text == #"51-/other,["news",{"_placeholder":true,"num":0}]"# && news.attachments == [[1, 2]])
            }
            async let replies: BroadcastReplies<Int> = io.emitWithAck("ask", "x", timeout: .seconds(60))
            for (number, peer) in peers.enumerated() {
                let question = try peer.receive().text
                #expect(question.hasSuffix(#"["ask","x"]"#))
                try peer.send("3\(question.dropFirst().prefix { $0.isNumber })[\(number)]")
            }
            #expect(Set(await replies.replies.values) == [0, 1, 2, 3])
            io.disconnectSockets()
            for peer in peers { #expect(try peer.receive().text == "1") }
        }
    }

    @Test(arguments: ["40", "42[\"e\"]", "4{}"])
    func `a text closes the connection`(text: String) async throws {
        try await serveMessagePack { io, port in
            let peer = try PackedPeer(port)
            try peer.send(raw: text)
            #expect(peer.isClosed())
        }
    }

    @Test(arguments: [[0xC1], [], [0x93, 0x02, 0xA1, 0x2F, 0x91, 0xA1, 0x65], [0x81, 0xA4, 0x74]] as [[UInt8]])
    func `what is no packet closes the connection, and no other`(bytes: [UInt8]) async throws {
        try await serveMessagePack { io, port in
            io.on("sync") { (_: Socket) in true }
            let (peer, other) = (try PackedPeer(port), try PackedPeer(port))
            try peer.send(bytes: bytes)
            #expect(peer.isClosed())
            try other.send(#"21["sync"]"#)
            #expect(try other.receive().text == "31[true]")
        }
    }

    @Test func `a map that looks like a placeholder harms nobody`() async throws {
        try await serveMessagePack { io, port in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
            io.on("mixed") { (socket: Socket, value: JSONValue) in socket.emit("mixed", value, [1] as [UInt8]) }
            io.on("sync") { (_: Socket) in true }
            let other = try PackedPeer(port)
            // With bytes in the same packet it is none.
            let attacker = try PackedPeer(port)
            let packet = ByteWriter()
            packet.append(messagePack: [
                "type": 2, "nsp": "/", "data": ["echo", ["_placeholder": true, "num": 99], .binary([1])],
            ])
            try attacker.send(bytes: packet.array())
            #expect(attacker.isClosed())
            // Without, it is a value; what is made of it may not be sent, and the server lives.
            let second = try PackedPeer(port)
            for name in ["echo", "mixed"] {
                packet.removeAll()
                packet.append(messagePack: [
                    "type": 2, "nsp": "/", "data": [.string(name), ["_placeholder": true, "num": 99]],
                ])
                try second.send(bytes: packet.array())
            }
            try other.send(#"21["sync"]"#)
            #expect(try other.receive().text == "31[true]")
        }
    }

    @Test func `what cannot be MessagePack is not waited for`() async throws {
        try await serveMessagePack { io, port in
            let peer = try PackedPeer(port)
            // Deeper than what is looked into.
            let deep = (0..<600).reduce(JSONValue.null) { value, _ in [value] }
            let found = try #require(await io.sockets().first)
            await #expect(throws: AckError(.unencodable)) {
                let _: Int = try await found.emitWithAck("deep", deep, timeout: .seconds(60))
            }
            io.on("ask") { (socket: Socket) async throws in
                await #expect(throws: AckError(.unencodable)) {
                    let _: Int = try await socket.emitWithAck("deep", deep, timeout: .seconds(60))
                }
                return true
            }
            try peer.send(#"21["ask"]"#)
            #expect(try peer.receive().text == "31[true]")
            let replies: BroadcastReplies<Int> = await io.emitWithAck("deep", deep, timeout: .seconds(60))
            #expect(replies.missing == [SocketID(peer.sid)])
            let id = SocketID(peer.sid)
            io.to(id).emit("fine", 1)
            #expect(try peer.receive().text == #"2["fine",1]"#)
        }
    }

    @Test func `bytes may stand in more places than JSON's clients take`() async throws {
        try await serveMessagePack { io, port in
            io.on("echo") { (socket: Socket, arguments: EventArguments) in socket.emit("echo", arguments) }
            let peer = try PackedPeer(port)
            let packet = ByteWriter()
            let values = (0..<300).map { JSONValue.binary([UInt8($0 % 256)]) }
            packet.append(messagePack: ["type": 2, "nsp": "/", "data": .array([.string("echo")] + values)])
            try peer.send(bytes: packet.array())
            let frame = try peer.receiveValue()
            #expect(frame == ["type": 2, "nsp": "/", "data": .array([.string("echo")] + values)])
        }
    }

    @Test func `recovery works with it, too`() async throws {
        try await serveMessagePack {
            $0.recovery = .init()
        } _: { io, port in
            let peer = try PackedPeer(port)
            io.emit("e", 1)
            #expect(try peer.receive().text.wholeMatch(of: /2\["e",1,"[\w-]{6}\.1"\]/) != nil)
        }
    }
}
