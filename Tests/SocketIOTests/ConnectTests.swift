import EngineIO
import Foundation
import SocketIO
import Testing

@Suite struct ConnectTests {
    private struct Login: Codable {
        var name: String
    }

    @Test func `a CONNECT is answered with the socket's id, which is not the session's`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in journal.note("\(socket) \(socket.isConnected) \(socket.namespace.name)") }
            let peer = try Peer(port)
            #expect(peer.sid.count == 20)
            #expect(!peer.open.contains(peer.sid))
            #expect(journal.wait(for: 1) == ["Socket(\(peer.sid)) true /"])
        }
    }

    @Test func `a CONNECT over polling is answered by the next poll`() async throws {
        try await serve { io, port in
            io.on("hi") { (socket: Socket) in socket.emit("hello") }
            let peer = try PollingPeer(port)
            #expect(peer.sid.count == 20)
            try peer.send(#"2["hi"]"#)
            #expect(try peer.receive() == #"2["hello"]"#)
        }
    }

    @Test func `auth is what the CONNECT carried`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in journal.note(try socket.handshake.auth(as: Login.self).name) }
            let peer = try Peer(port, connecting: false)
            try peer.connect(auth: #"{"name":"ada","n":{"x":[1]}}"#)
            #expect(journal.wait(for: 1) == ["ada"])
        }
    }

    @Test func `the handshake has the request's query and headers`() async throws {
        try await serve { io, port in
            let journal = Journal()
            io.onConnection { socket in
                journal.note("\(socket.handshake.query["token"] ?? "-") \(socket.handshake.headers["host"] ?? "-")")
            }
            _ = try Peer(port, query: "&token=a%20b")
            #expect(journal.wait(for: 1) == ["a b localhost"])
        }
    }

    @Test func `the handshake has the request's target, origin and time`() async throws {
        try await serve { io, port in
            let journal = Journal()
            let before = Date.now.addingTimeInterval(-0.1)
            io.onConnection { socket in
                let handshake = socket.handshake
                journal.note(handshake.url)
                journal.note("\(handshake.isCrossDomain)")
                let time = handshake.time
                let isNow = time > before && time < Date.now.addingTimeInterval(0.1)
                journal.note("\(isNow && abs(handshake.issued - Int(time.timeIntervalSince1970 * 1_000)) <= 2)")
            }
            let peer = try Peer(port, query: "&token=a%20b")
            #expect(journal.wait(for: 3) == ["/socket.io/?EIO=4&transport=websocket&token=a%20b", "false", "true"])
            // As long ago as it was, whenever it is asked for.
            try peer.connect()
            #expect(journal.wait(for: 6).last == "true")
            let page = try RawClient(port: port)
            try page.openWebSocket(
                "/socket.io/?EIO=4&transport=websocket", [("Origin", "http://localhost"), ("Host", "localhost")])
            _ = try page.receiveText()
            try page.sendText("40")
            #expect(journal.wait(for: 9)[7] == "true")
        }
    }

    @Test(arguments: [true, false])
    func `the handshake has the address, the scheme and the name that a trusted proxy says`(_ isTrusted: Bool)
        async throws
    {
        try await serve {
            $0.trustedProxies = isTrusted ? ["127.0.0.0/8"] : ["192.0.2.9"]
        } _: { io, port in
            let journal = Journal()
            io.onConnection { socket in
                let handshake = socket.handshake
                journal.note("\(handshake.address) \(handshake.isSecure) \(handshake.host ?? "-")")
            }
            let page = try RawClient(port: port)
            try page.openWebSocket(
                "/socket.io/?EIO=4&transport=websocket",
                [
                    ("X-Forwarded-For", "198.51.100.7, 2001:db8::1, 127.0.0.2"), ("X-Forwarded-Proto", "https"),
                    ("X-Forwarded-Host", "chat.example"), ("Host", "inner:3000"),
                ])
            _ = try page.receiveText()
            try page.sendText("40")
            let seen = isTrusted ? "2001:db8::1 true chat.example" : "127.0.0.1 false inner:3000"
            #expect(journal.wait(for: 1) == [seen])
        }
    }

    @Test(arguments: ["", "/b"]) func `a second CONNECT for a namespace begins anew`(_ namespace: String) async throws {
        try await serve { io, port in
            let journal = Journal()
            io.namespace("/b").onDisconnect { _, reason in journal.note(reason.rawValue) }
            io.onDisconnect { _, reason in journal.note(reason.rawValue) }
            for name in ["/", "/b"] { io.namespace(name).on("echo") { (_: Socket, n: Int) in n } }
            answerSync(io)
            let peer = try Peer(port)
            let first = try peer.connect(namespace, auth: #"{"n":1}"#)
            let second = try peer.connect(namespace, auth: #"{"n":2}"#)
            #expect(first != second)
            try peer.sync()
            #expect(
                journal.lines == [String](repeating: "client namespace disconnect", count: namespace.isEmpty ? 2 : 1))
            #expect(await io.counts().sockets == (namespace.isEmpty ? 1 : 2))
            // The session knows the new one: it hears events, and of the end.
            let prefix = namespace.isEmpty ? "" : namespace + ","
            try peer.send("2\(prefix)7[\"echo\",5]")
            #expect(try peer.receive() == "3\(prefix)7[5]")
            peer.raw.close()
            #expect(await eventually { await io.counts().sockets == 0 })
        }
    }

    @Test func `one that begins anew while its handlers end another namespace is known to the session`() async throws {
        try await serve { io, port in
            let other = io.namespace("/b")
            other.on("echo") { (_: Socket, n: Int) in n }
            other.onDisconnect { _, reason in
                if reason == .clientNamespaceDisconnect { io.disconnectSockets() }
            }
            let peer = try Peer(port)
            try peer.connect("/b")
            try peer.send("0/b,")
            #expect(try peer.receive() == "1")
            #expect(try peer.receive().hasPrefix(#"0/b,{"sid":"#))
            try peer.send(#"2/b,7["echo",5]"#)
            #expect(try peer.receive() == "3/b,7[5]")
            peer.raw.close()
            #expect(await eventually { await io.counts().sockets == 0 })
        }
    }

    @Test func `an unknown namespace is refused in the official words, and the connection stays`() async throws {
        try await serve { io, port in
            answerSync(io)
            let peer = try Peer(port)
            try peer.send("0/nowhere,")
            #expect(try peer.receive() == #"4/nowhere,{"message":"Invalid namespace"}"#)
            try peer.send("0/nowhere")
            #expect(try peer.receive() == #"4/nowhere,{"message":"Invalid namespace"}"#)
            try peer.sync()
        }
    }

    @Test func `a namespace's query belongs to its name`() async throws {
        try await serve { io, port in
            _ = io.namespace("/admin")
            let peer = try Peer(port)
            try peer.send("0/admin?token=x,")
            #expect(try peer.receive() == #"4/admin?token=x,{"message":"Invalid namespace"}"#)
        }
    }

    @Test(arguments: [#"0["a"]"#, #"0"a""#, "0null", #"0{"a""#, "0{}x", "0 "])
    func `a CONNECT whose payload is no object closes the connection`(packet: String) async throws {
        try await serve { _, port in
            let peer = try Peer(port, connecting: false)
            try peer.send(packet)
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `a connection that joins no namespace in time is closed`() async throws {
        try await serve({ $0.connectTimeout = .milliseconds(50) }) { io, port in
            let peer = try Peer(port, connecting: false)
            #expect(peer.isClosedByServer())
            #expect(await eventually { await io.counts().sessions == 0 })
        }
    }

    @Test func `a polling session that joins no namespace in time is closed`() async throws {
        try await serve({ $0.connectTimeout = .milliseconds(50) }) { _, port in
            let peer = try PollingPeer(port, connecting: false)
            try peer.beginPoll()
            #expect(try peer.endPoll() == ["1"])
        }
    }

    @Test func `a refused namespace does not stop the connect timeout`() async throws {
        try await serve({ $0.connectTimeout = .milliseconds(300) }) { _, port in
            let peer = try Peer(port, connecting: false)
            try peer.send("0/nowhere,")
            #expect(try peer.receive() == #"4/nowhere,{"message":"Invalid namespace"}"#)
            #expect(peer.isClosedByServer())
        }
    }

    @Test func `a connection that joined a namespace outlives the connect timeout, also when it leaves`() async throws {
        try await serve({ $0.connectTimeout = .milliseconds(300) }) { io, port in
            answerSync(io)
            let peer = try Peer(port)
            try peer.send("1")
            #expect(try peer.raw.isSilent(for: .milliseconds(400)))
            try peer.connect()
            try peer.sync()
        }
    }

    @Test func `an asynchronous middleware does not outlast the connect timeout`() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await serve({ $0.connectTimeout = .milliseconds(50) }) { io, port in
            let journal = Journal()
            io.use { _ in await gate.passed() }
            io.onConnection { _ in journal.note("connected") }
            io.onDisconnect { _, _ in journal.note("disconnected") }
            let peer = try Peer(port, connecting: false)
            try peer.send("0")
            #expect(peer.isClosedByServer())
            gate.open()
            #expect(await eventually { await io.counts().sessions == 0 })
            #expect(journal.lines == [])
        }
    }
}

/// Lets `Peer.sync` work.
func answerSync(_ namespace: some NamespaceRegistration) {
    namespace.on("sync") { (_: Socket) in true }
}
