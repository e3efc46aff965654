import EngineIO
import Testing

@testable import SocketIO

/// What clients may do in a time.
@Suite(.timeLimit(.minutes(1))) struct RateTests {
    /// So little that nothing comes back while a test runs.
    private func rate(_ burst: Int) -> EngineIOServer.Rate { .init(1, per: .seconds(100_000), burst: burst) }

    private func echo(_ io: SocketIOServer) {
        answerSync(io)
        io.on("n") { (socket: Socket, n: Int) in socket.emit("n", n) }
        io.on("bytes") { (socket: Socket, bytes: [UInt8]) in socket.emit("n", bytes.count) }
    }

    @Test func `events over the rate are dropped with their attachments, and nothing else is`() async throws {
        try await serve {
            $0.rates.eventsPerConnection = rate(4)
            $0.rates.excess = .drop
        } _: { io, port in
            echo(io)
            // The CONNECT is one.
            let peer = try Peer(port)
            for n in 0..<3 {
                try peer.send(#"2["n",\#(n)]"#)
                #expect(try peer.receive() == #"2["n",\#(n)]"#)
            }
            for n in 3..<6 { try peer.send(#"2["n",\#(n)]"#) }
            try peer.send(#"52-["bytes",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#)
            try peer.send(binary: [1])
            try peer.send(binary: [2])
            // Who joins is not dropped, and another client has its own rate.
            _ = io.namespace("/other")
            try peer.connect("/other")
            let other = try Peer(port)
            try other.send(#"2["n",7]"#)
            #expect(try other.receive() == #"2["n",7]"#)
            #expect(await io.metrics.limitsMet == ["eventsPerConnection": 4])
            #expect(await io.metrics.receivedEvents == 4)
        }
    }

    @Test func `acknowledgements are no events, but bytes`() async throws {
        try await serve {
            $0.rates.eventsPerConnection = rate(2)
            $0.rates.bytesPerConnection = rate(1_000)
        } _: { io, port in
            let hold = Hold()
            io.onConnection { hold.put($0) }
            let peer = try Peer(port)
            let socket = try hold.take()
            for n in 0..<10 {
                async let answer: Int = socket.emitWithAck("ask", n)
                let packet = try peer.receive()
                try peer.send("3\(packet.dropFirst().prefix { $0.isNumber })[\(n)]")
                #expect(try await answer == n)
            }
            try peer.send(#"3123["\#(String(repeating: "x", count: 2_000))"]"#)
            #expect(try peer.raw.receiveClose() == 1008)
            #expect(await io.metrics.limitsMet == ["bytesPerConnection": 1])
        }
    }

    @Test func `who sends too much is disconnected by default`() async throws {
        try await serve {
            $0.rates.eventsPerConnection = rate(3)
        } _: { io, port in
            echo(io)
            let journal = Journal()
            io.onConnection { socket in socket.onDisconnect { journal.note("\($0)") } }
            let peer = try Peer(port)
            for n in 0..<10 { try? peer.send(#"2["n",\#(n)]"#) }
            for n in 0..<2 { #expect(try peer.receive() == #"2["n",\#(n)]"#) }
            #expect(try peer.raw.receiveClose() == 1008)
            #expect(journal.wait(for: 1) == ["forced close"])
        }
    }

    @Test(arguments: [false, true])
    func `who is delayed loses nothing, over either transport`(polls: Bool) async throws {
        try await serve(loops: 1) {
            $0.rates.eventsPerConnection = .init(50, burst: 5)
            $0.rates.excess = .delay
        } _: { io, port in
            echo(io)
            let start = ContinuousClock.now
            if polls {
                let peer = try PollingPeer(port)
                for n in 0..<25 { try peer.send(#"2["n",\#(n)]"#) }
                for n in 0..<25 { #expect(try peer.receive() == #"2["n",\#(n)]"#) }
            } else {
                let peer = try Peer(port)
                for n in 0..<25 { try peer.send(#"2["n",\#(n)]"#) }
                for n in 0..<25 { #expect(try peer.receive() == #"2["n",\#(n)]"#) }
                // What came at once was used at once; what comes next waits for it.
                try peer.send(#"2["n",25]"#)
                #expect(try peer.receive() == #"2["n",25]"#)
            }
            #expect(start.duration(to: .now) > .milliseconds(360))
            #expect(await io.metrics.limitsMet["eventsPerConnection"] ?? 0 > 0)
        }
    }

    @Test func `bytes of all clients of one address count together`() async throws {
        try await serve {
            $0.rates.bytesPerAddress = .init(1, per: .seconds(1_000), burst: 3_000)
            $0.rates.excess = .drop
        } _: { io, port in
            let peers = try (0..<2).map { _ in try Peer(port) }
            for peer in peers { try peer.send(#"2["n","\#(String(repeating: "x", count: 2_000))"]"#) }
            #expect(await eventually { await io.metrics.limitsMet == ["bytesPerAddress": 1] })
        }
    }

    @Test(arguments: [1, 4])
    func `the clients of one address share its rate, on all loops`(loops: Int) async throws {
        try await serve(loops: loops) {
            $0.rates.eventsPerAddress = rate(8)
            $0.rates.excess = .drop
        } _: { io, port in
            echo(io)
            // Four have joined.
            let peers = try (0..<4).map { _ in try Peer(port) }
            for peer in peers {
                try peer.send(#"2["n",1]"#)
                #expect(try peer.receive() == #"2["n",1]"#)
            }
            for peer in peers { try peer.send(#"2["n",2]"#) }
            #expect(await eventually { await io.metrics.limitsMet == ["eventsPerAddress": 4] })
        }
    }

    @Test func `handshakes over the rate get 429, and the address behind a trusted proxy counts`() async throws {
        try await serve {
            $0.rates.handshakesPerAddress = rate(2)
            $0.trustedProxies = ["127.0.0.1"]
        } _: { io, port in
            let journal = Journal()
            io.onConnectionError { journal.note("\($0.code) \($0.request.remoteAddress)") }
            let target = "/socket.io/?EIO=4&transport=polling"
            func open(_ address: String) throws -> RawResponse {
                try RawClient(port: port).get(target, [("X-Forwarded-For", address)])
            }
            for _ in 0..<2 { #expect(try open("192.0.2.1").status == 200) }
            let refused = try open("192.0.2.1")
            #expect(refused.status == 429)
            #expect(refused.text == #"{"code":7,"message":"Too many requests"}"#)
            #expect(try open("192.0.2.2").status == 200)
            let webSocket = try RawClient(port: port).upgrade(
                "/socket.io/?EIO=4&transport=websocket", [("X-Forwarded-For", "192.0.2.1")])
            #expect(webSocket.status == 429)
            #expect(journal.wait(for: 2) == ["too_many_handshakes 192.0.2.1", "too_many_handshakes 192.0.2.1"])
            let metrics = await io.metrics
            #expect(metrics.limitsMet == ["handshakesPerAddress": 2])
            #expect(metrics.refusedRequests == [.tooManyHandshakes: 2])
        }
    }

    @Test func `events in MessagePack are dropped as a whole`() async throws {
        try await serve {
            $0.parser = .msgpack
            $0.rates.eventsPerConnection = rate(2)
            $0.rates.excess = .drop
        } _: { io, port in
            let journal = Journal()
            io.on("n") { (_: Socket, n: Int) in journal.note("\(n)") }
            let peer = try Peer(port, connecting: false)
            // {"type":0,"data":null…} as notepack writes it.
            try peer.send(binary: [0x83] + text("type") + [0] + text("data") + [0x80] + text("nsp") + text("/"))
            _ = try peer.receiveBinary()
            for n: UInt8 in 1...3 {
                try peer.send(
                    binary: [0x83] + text("type") + [2] + text("data") + [0x92] + text("n") + [n] + text("nsp")
                        + text("/"))
            }
            #expect(await eventually { await io.metrics.limitsMet == ["eventsPerConnection": 2] })
            #expect(journal.lines == ["1"])
        }
    }

    private func text(_ text: String) -> [UInt8] { [0xA0 + UInt8(text.utf8.count)] + Array(text.utf8) }
}
