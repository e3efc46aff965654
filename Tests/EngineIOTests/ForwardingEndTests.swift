import EngineIO
import NetLoop
import TestSupport
import Testing

/// Protocol.md 3.9: how it ends where a request was passed on, and what it holds meanwhile.
@Suite(.timeLimit(.minutes(1))) struct ForwardingEndTests {
    private static func expectClosed(_ server: TestServer, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var last = ""
        while !last.hasPrefix("close") { last = try server.journal.next() }
        #expect(last.hasPrefix("close transport "), sourceLocation: sourceLocation)
    }

    /// Tells `seen` of each request that its session is about to get.
    private static func tell(_ seen: Journal) -> @Sendable (HTTPRequest) -> [HTTPField] {
        { request in
            if request.query["sid"] != nil { seen.append(request.method) }
            return []
        }
    }

    @Test func `a client that leaves another node leaves its session`() async throws {
        let seen = Journal()
        try await withNodes {
            $0.headers = Self.tell(seen)
        } _: { nodes throws in
            for leave in [{ $0.close() }, { $0.abort() }, { $0.finish() }] as [@Sendable (RawClient) -> Void] {
                let id = try nodes.first.openPolling(on: try nodes.first.client())
                let poller = try nodes.second.client()
                try poller.sendRequest("GET", nodes.second.polling(id))
                #expect(try seen.next() == "GET")
                leave(poller)
                try Self.expectClosed(nodes.first)
                poller.close()
                try nodes.second.expectCensus(sessions: 0, connections: 0)

                let second = try nodes.first.openPolling(on: try nodes.first.client())
                let webSocket = try nodes.second.client()
                try webSocket.openWebSocket(nodes.second.webSocket(second))
                try webSocket.send(RawClient.textFrame("2probe") + RawClient.textFrame("5"))
                #expect(try webSocket.receiveText() == "3probe")
                try webSocket.sendText("4x")
                #expect(try webSocket.receiveText() == "4x")
                #expect(try seen.next() == "GET")
                leave(webSocket)
                try Self.expectClosed(nodes.first)
                webSocket.close()
                try nodes.first.expectCensus(sessions: 0, connections: 0)
                try nodes.second.expectCensus(sessions: 0, connections: 0)
            }
        }
    }

    @Test func `the end of a session's node is seen over another one, and then it is unknown`() async throws {
        let seen = Journal()
        try await withNodes {
            $0.headers = Self.tell(seen)
        } _: { nodes throws in
            let polling = try nodes.first.openPolling(on: try nodes.first.client())
            let poller = try nodes.second.client()
            try poller.sendRequest("GET", nodes.second.polling(polling))
            let upgraded = try nodes.first.openPolling(on: try nodes.first.client())
            let webSocket = try nodes.second.client()
            try webSocket.openWebSocket(nodes.second.webSocket(upgraded))
            try webSocket.send(RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4x"))
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try webSocket.receiveText() == "4x")
            let requests = try [seen.next(), seen.next()]
            #expect(requests == ["GET", "GET"])

            let closed = Journal()
            startOffPool {
                await nodes.first.engine.close()
                closed.append("closed")
            }
            #expect(try webSocket.receiveClose() == 1001)
            try webSocket.sendClose()
            _ = try webSocket.receiveToEnd()
            #expect(try poller.response().text == "1")
            #expect(try closed.next() == "closed")
            #expect(try poller.get(nodes.second.polling(polling)).text == RefusalTests.sessionUnknown)
            #expect(nodes.directory.all.count == 1)
        }
    }

    @Test func `the end of the node between is the end of its clients' connections, and of no other`() async throws {
        try await withNodes { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let webSocket = try nodes.second.client()
            try webSocket.openWebSocket(nodes.second.webSocket(id))
            try webSocket.send(RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4x"))
            #expect(try webSocket.receiveText() == "3probe")
            #expect(try webSocket.receiveText() == "4x")
            let other = try nodes.first.client()
            try nodes.first.openWebSocket(on: other)

            let closed = Journal()
            startOffPool {
                await nodes.second.engine.close()
                closed.append("closed")
            }
            #expect(try webSocket.receiveToEnd() == [])
            #expect(try closed.next() == "closed")
            try nodes.first.expectCensus(sessions: 1, connections: 1)
            try other.sendText("4y")
            #expect(try other.receiveText() == "4y")
        }
    }

    @Test func `what a slow client does not take stays with the session, and comes in order`() async throws {
        let (count, size) = (12, 1_000_000)
        try await withNodes { configuration in
            configuration.limits.bufferedBytes = 100_000_000
        } onConnection: { socket, journal in
            socket.onMessage { _ in
                for number in 0..<count {
                    socket.send(.text("\(number) " + String(repeating: "x", count: size)))
                }
            }
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let client = try nodes.second.client(receiveBuffer: 65_536)
            try client.openWebSocket(nodes.second.webSocket(id))
            try client.send(RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4go"))
            #expect(try client.receiveText() == "3probe")
            try Self.expectLittleHeld(by: nodes.second)
            for number in 0..<count {
                let text = try client.receiveText()
                #expect(text.hasPrefix("4\(number) x"))
                #expect(text.utf8.count == size + "4\(number) ".utf8.count)
            }

            let slow = try nodes.second.client(receiveBuffer: 65_536)
            let polling = try nodes.first.openPolling(on: try nodes.first.client())
            #expect(try nodes.first.post(nodes.first.polling(polling), "4go").text == "ok")
            try slow.sendRequest("GET", nodes.second.polling(polling))
            try Self.expectLittleHeld(by: nodes.second)
            let packets = try slow.response().body.split(separator: 0x1E)
            #expect(
                packets.map { String(decoding: $0.prefix(3), as: UTF8.self) }
                    == (0..<count).map { String("4\($0) x".prefix(3)) })
        }
    }

    /// While a client takes nothing.
    private static func expectLittleHeld(
        by server: TestServer, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let done = Journal()
        startOffPool {
            var most = 0
            for _ in 0..<2_000 {
                let held = await server.engine.onEachShard { $0.loop.unsentBytes.count }
                most = max(most, held.reduce(0, +))
            }
            done.append("\(most < 1_000_000 ? "little" : "\(most) bytes")")
        }
        #expect(try done.next() == "little", sourceLocation: sourceLocation)
    }

    @Test func `at the limit of connections to a node a request is refused, and served once there is room`()
        async throws
    {
        try await withNodes {
            $0.loops = 1
            $0.forwarding?.connectionsPerNode = 1
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            let poller = try nodes.second.client()
            try poller.sendRequest("GET", nodes.second.polling(id))
            try nodes.second.expectCensus(sessions: 0, connections: 2)
            #expect(try nodes.second.post(nodes.second.polling(id), "4x").status == 503)
            #expect(try nodes.second.upgrade(nodes.second.webSocket(id)).status == 503)
            #expect(try nodes.first.post(nodes.first.polling(id), "4x").text == "ok")
            #expect(try poller.response().text == "4x")
            #expect(try nodes.second.post(nodes.second.polling(id), "4y").text == "ok")
            #expect(nodes.second.log.lines.filter { $0.contains("connectionsPerNode") }.count == 1)
        }
    }

    @Test func `a connection that is kept is made anew once its time is over`() async throws {
        try await withNodes {
            $0.limits.keepAliveTime = .milliseconds(100)
        } _: { nodes throws in
            let id = try nodes.first.openPolling(on: try nodes.first.client())
            for number in 0..<3 {
                #expect(try nodes.second.post(nodes.second.polling(id), "4\(number)").text == "ok")
                #expect(try nodes.second.get(nodes.second.polling(id)).text == "4\(number)")
                try nodes.second.expectCensus(sessions: 0, connections: 0)
            }
        }
    }

    @Test func `an answer that breaks off, or does not come, ends the client's connection`() async throws {
        try await withNodes {
            $0.pingInterval = .milliseconds(100)
            $0.pingTimeout = .milliseconds(100)
        } _: { nodes throws in
            let fake = Journal()
            let gate = Gate()
            startOffPool {
                var configuration = EngineIOServer.Configuration()
                configuration.path = "/elsewhere"
                configuration.logger = LogLines()
                let engine = EngineIOServer(configuration)
                engine.http.get("/engine.io/") { request in
                    guard request.query["sid"]?.hasPrefix("silent") == true else {
                        return .stream(contentType: "text/plain") { body in
                            try await body.write("half")
                            throw CancellationError()
                        }
                    }
                    await gate.wait()
                    return .text("late")
                }
                fake.append("\((try? await engine.listen(host: "127.0.0.1", port: 0))?.port ?? 0)")
                await gate.wait()
                await engine.close()
            }
            defer { gate.open() }
            let port = try fake.next()
            for node in ["silent", "broken"] { nodes.directory.set("http://127.0.0.1:\(port)", of: node) }
            let silent = try nodes.second.client()
            try silent.sendRequest("GET", nodes.second.polling("silent0123456789abcd"))
            #expect(try silent.receiveToEnd() == [])
            let broken = try nodes.second.client()
            try broken.sendRequest("GET", nodes.second.polling("broken0123456789abcd"))
            let received = String(decoding: try broken.receiveToEnd(), as: UTF8.self)
            #expect(received.hasPrefix("HTTP/1.1 200 "))
            #expect(received.hasSuffix("4\r\nhalf\r\n"))
            #expect(nodes.second.log.lines.contains { $0.contains("a node has not answered") })
        }
    }

    @Test(.enabled("there is no `openssl` command to make certificates with") { TestCertificates.shared != nil })
    func `nodes that listen with TLS reach each other with it`() async throws {
        let certificates = try #require(TestCertificates.shared)
        let directory = ProcessDirectory()
        var servers: [EngineIOServer] = []
        var relays: [TLSRelay] = []
        for _ in 0..<2 {
            var configuration = EngineIOServer.Configuration()
            configuration.logger = LogLines()
            var forwarding = NodeForwarding(host: "localhost", secret: Nodes.secret, directory: directory)
            forwarding.authorities = certificates.authority
            configuration.forwarding = forwarding
            let engine = EngineIOServer(configuration)
            engine.onConnection { socket in echo(socket, Journal()) }
            let port = try await engine.listen(
                host: "127.0.0.1", port: 0,
                tls: .pem(certificate: certificates.certificate("good"), key: certificates.key("good"))
            ).port
            servers.append(engine)
            relays.append(try await TLSRelay.start(to: port, trusting: certificates.authority))
        }
        let ends = zip(servers, relays).map {
            TestServer(engine: $0, port: $1.port, journal: Journal(), log: LogLines())
        }
        try await offPool {
            #expect(directory.all.values.allSatisfy { $0.hasPrefix("https://localhost:") })
            let id = try ends[0].openPolling(on: try ends[0].client())
            #expect(try ends[1].post(ends[1].polling(id), "4x").text == "ok")
            #expect(try ends[1].get(ends[1].polling(id)).text == "4x")
            let client = try ends[1].client()
            try client.openWebSocket(ends[1].webSocket(id))
            try client.sendText("2probe")
            #expect(try client.receiveText() == "3probe")
        }
        for relay in relays { await relay.stop() }
        for server in servers { await server.close() }
    }
}
