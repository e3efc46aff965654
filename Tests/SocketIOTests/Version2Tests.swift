import EngineIO
import SocketIO
import Testing

/// Protocol.md 9.6: clients of Socket.IO 2, beside those of today.
@Suite struct Version2Tests {
    /// Such a client, over WebSocket.
    private final class OldPeer {
        let raw: RawClient
        /// The session's id, which is the socket's in the main namespace.
        let id: String

        init(_ port: Int, query: String = "") throws {
            raw = try RawClient(port: port)
            try raw.openWebSocket("/socket.io/?EIO=3&transport=websocket\(query)")
            let open = try raw.receiveText()
            guard open.hasPrefix(#"0{"sid":""#) else { throw Unexpected(what: open) }
            id = String(open.dropFirst(9).prefix { $0 != "\"" })
        }

        func send(_ packet: String) throws { try raw.sendText("4" + packet) }

        func receive() throws -> String {
            let text = try raw.receiveText()
            guard text.hasPrefix("4") else { throw Unexpected(what: text) }
            return String(text.dropFirst())
        }

        func receiveBinary() throws -> [UInt8] { try raw.receiveFrame().payload }
    }

    private struct Login: Decodable {
        var token: String?
        var z: [String]?
    }

    private func allow(_ configuration: inout SocketIOServer.Configuration) { configuration.engine.allowEIO3 = true }

    // MARK: Connecting

    @Test func `a client is in the main namespace without asking, and knows its id`() async throws {
        try await serve(allow) { io, port in
            let journal = Journal()
            io.onConnection { socket in
                let login = try socket.handshake.auth(as: Login.self)
                journal.note("\(socket.id) \(login.token ?? "-") \(socket.handshake.query["token"] ?? "-")")
            }
            let peer = try OldPeer(port, query: "&token=x")
            #expect(try peer.receive() == "0")
            #expect(journal.wait(for: 1) == ["\(peer.id) - x"])
        }
    }

    @Test func `over polling its first GET says so`() async throws {
        try await serve(allow) { io, port in
            io.on("hi") { (socket: Socket) in socket.emit("hello", "é") }
            let client = try RawClient(port: port)
            let open = try client.get("/socket.io/?EIO=3&transport=polling").text
            let id = String(open.drop { $0 != "{" }.dropFirst(8).prefix(20))
            let target = "/socket.io/?EIO=3&transport=polling&sid=\(id)"
            #expect(try client.get(target).text == "2:40")
            #expect(try client.post(target, #"8:42["hi"]"#).text == "ok")
            #expect(try client.get(target).text == #"15:42["hello","é"]"#)
        }
    }

    @Test func `the query of a namespace is what later clients have as auth`() async throws {
        try await serve(allow) { io, port in
            let journal = Journal()
            io.namespace("/adm").onConnection { socket in
                let login = try socket.handshake.auth(as: Login.self)
                journal.note("\(socket.id) \(login.token ?? "-") \(login.z ?? [])")
            }
            let peer = try OldPeer(port)
            #expect(try peer.receive() == "0")
            try peer.send("0/adm?token=x%20y&z=1&z=2")
            #expect(try peer.receive() == "0/adm,")
            try peer.send("1/adm")
            try peer.send("0/adm")
            #expect(try peer.receive() == "0/adm,")
            let id = "/adm#\(peer.id)"
            #expect(journal.wait(for: 2) == [#"\#(id) x y ["1", "2"]"#, "\(id) - []"])
        }
    }

    @Test func `a refusal is what the middleware gave, or its words`() async throws {
        struct Fault: Error {}
        try await serve {
            allow(&$0)
            $0.connectTimeout = .seconds(60)
        } _: { io, port in
            io.use { if $0.handshake.query["no"] != nil { throw ConnectionRefused("not \"now\"") } }
            io.namespace("/data").use { _ in throw ConnectionRefused("no", data: ["code": 1]) }
            io.namespace("/fault").use { _ in throw Fault() }
            io.onHandlerError { _ in }
            let peer = try OldPeer(port, query: "&no")
            #expect(try peer.receive() == #"4"not \"now\"""#)
            for (name, answer) in [
                ("/data", #"{"code":1}"#), ("/fault", #""Connection refused""#),
                ("/none", #"{"message":"Invalid namespace"}"#),
            ] {
                try peer.send("0\(name)")
                #expect(try peer.receive() == "4\(name),\(answer)")
            }
        }
    }

    @Test func `one that may not into any namespace is given up after the time for CONNECT`() async throws {
        try await serve {
            allow(&$0)
            $0.connectTimeout = .milliseconds(50)
        } _: { io, port in
            io.use { _ in throw ConnectionRefused("no") }
            let peer = try OldPeer(port)
            #expect(try peer.receive() == #"4"no""#)
            #expect(try peer.raw.receiveClose() == 1008)
        }
    }

    @Test func `an asynchronous middleware may take its time, and the client leave meanwhile`() async throws {
        try await serve(allow) { io, port in
            let (journal, gate) = (Journal(), Gate())
            io.use { _ in
                journal.note("asked")
                await gate.passed()
            }
            let peer = try OldPeer(port)
            #expect(journal.wait(for: 1) == ["asked"])
            let gone = try OldPeer(port)
            #expect(journal.wait(for: 2).count == 2)
            gone.raw.close()
            #expect(await eventually { await io.counts.connections == [.webSocket: 1] })
            gate.open()
            #expect(try peer.receive() == "0")
            #expect(await io.counts().sockets == 1)
        }
    }

    @Test(arguments: ["0", "0/", "0/?a=1"])
    func `a second CONNECT ends the session: the ids would be the same`(_ packet: String) async throws {
        try await serve(allow) { io, port in
            let peer = try OldPeer(port)
            #expect(try peer.receive() == "0")
            try peer.send(packet)
            #expect(try peer.raw.receiveClose() == 1002)
        }
    }

    @Test func `one that has left the main namespace may come back`() async throws {
        try await serve(allow) { io, port in
            let journal = Journal()
            io.onDisconnect { socket, reason in journal.note("\(socket.id) \(reason)") }
            let peer = try OldPeer(port)
            #expect(try peer.receive() == "0")
            try peer.send("1")
            #expect(journal.wait(for: 1) == ["\(peer.id) client namespace disconnect"])
            try peer.send("0")
            #expect(try peer.receive() == "0")
        }
    }

    // MARK: Talking

    @Test func `events, acknowledgements and bytes go both ways`() async throws {
        try await serve(allow) { io, port in
            let journal = Journal()
            io.on("sum") { (_: Socket, a: Int, b: Int) in a + b }
            io.on("bytes") { (socket: Socket, bytes: [UInt8]) in socket.emit("back", bytes) }
            io.on("ask") { (socket: Socket) in
                let answer: Int = try await socket.emitWithAck("question", 7)
                journal.note("\(answer)")
            }
            let peer = try OldPeer(port)
            #expect(try peer.receive() == "0")
            try peer.send(#"23["sum",1,2]"#)
            #expect(try peer.receive() == "33[3]")
            try peer.send(#"51-["bytes",{"_placeholder":true,"num":0}]"#)
            try peer.raw.sendBinary([4, 1, 2])
            #expect(try peer.receive() == #"51-["back",{"_placeholder":true,"num":0}]"#)
            #expect(try peer.receiveBinary() == [4, 1, 2])
            try peer.send(#"2["ask"]"#)
            #expect(try peer.receive() == #"20["question",7]"#)
            try peer.send("30[8]")
            #expect(journal.wait(for: 1) == ["8"])
        }
    }

    @Test(arguments: [1, 4])
    func `clients of both versions share a room, and each gets bytes in its own form`(_ loops: Int) async throws {
        try await serve(loops: loops, allow) { io, port in
            io.onConnection { $0.join("room") }
            var old: [OldPeer] = []
            var new: [Peer] = []
            for _ in 0..<4 {
                old.append(try OldPeer(port))
                #expect(try old.last?.receive() == "0")
                new.append(try Peer(port))
            }
            #expect(await io.to("room").sockets().count == 8)
            io.to("room").emit("e", "é", [1, 2] as [UInt8])
            let text = #"51-["e","é",{"_placeholder":true,"num":0}]"#
            for peer in old {
                #expect(try peer.receive() == text)
                #expect(try peer.receiveBinary() == [4, 1, 2])
            }
            for peer in new {
                #expect(try peer.receive() == text)
                #expect(try peer.receiveBinary() == [1, 2])
            }
        }
    }

    @Test(arguments: [1, 4])
    func `a socket is in the room of its id, in every namespace`(_ loops: Int) async throws {
        try await serve(loops: loops, allow) { io, port in
            let adm = io.namespace("/adm")
            for _ in 0..<4 {
                let peer = try OldPeer(port)
                #expect(try peer.receive() == "0")
                try peer.send("0/adm")
                #expect(try peer.receive() == "0/adm,")
                let id = SocketID("/adm#\(peer.id)")
                io.to(SocketID(peer.id)).emit("main")
                #expect(try peer.receive() == #"2["main"]"#)
                adm.to(id).emit("adm")
                #expect(try peer.receive() == #"2/adm,["adm"]"#)
                let found = try #require(await adm.to(id).sockets().first)
                #expect(found.id == id)
                #expect(found.rooms == [Room(id)])
                adm.except(id).emit("not to it")
                adm.to(id).disconnectSockets()
                #expect(try peer.receive() == "1/adm,")
                #expect(await adm.to(id).sockets().isEmpty)
            }
        }
    }

    // MARK: What else may be on

    @Test func `with recovery they are served, and cannot come back`() async throws {
        try await serve(loops: 4) {
            allow(&$0)
            $0.recovery = .init()
        } _: { io, port in
            let adm = io.namespace("/adm")
            for _ in 0..<8 {
                let peer = try OldPeer(port)
                #expect(try peer.receive() == "0")
                try peer.send("0/adm")
                #expect(try peer.receive() == "0/adm,")
                peer.raw.close()
            }
            #expect(await eventually { await io.counts().sockets == 0 })
            // As many came as went: an id of a socket still says where it is.
            let (first, second) = (try Peer(port, connecting: false), try Peer(port, connecting: false))
            try first.send("0/adm,")
            try second.send("0/adm,")
            let ids = try [first, second].map { peer in String(try peer.receive().dropFirst(14).prefix(20)) }
            adm.to(SocketID(ids[1])).emit("hello")
            #expect(try second.receive().hasPrefix(#"2/adm,["hello""#))
        }
    }

    @Test func `rates hold for them`() async throws {
        try await serve {
            allow(&$0)
            $0.rates.eventsPerConnection = .init(1, per: .seconds(100_000), burst: 2)
            $0.rates.excess = .drop
        } _: { io, port in
            io.on("e") { (socket: Socket, number: Int) in socket.emit("got", number) }
            let peer = try OldPeer(port)
            #expect(try peer.receive() == "0")
            for number in 1...4 { try peer.send(#"2["e",\#(number)]"#) }
            try peer.raw.sendText("2")
            for text in [#"42["got",1]"#, #"42["got",2]"#, "3"] { #expect(try peer.raw.receiveText() == text) }
        }
    }

    @Test func `without the option they are refused`() async throws {
        try await serve { _, port in
            let response = try RawClient(port: port).get("/socket.io/?EIO=3&transport=polling")
            #expect(response.status == 400)
        }
    }
}
