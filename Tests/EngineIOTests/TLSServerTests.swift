import EngineIO
import TestSupport
import Testing

@Suite(
    .enabled("there is no `openssl` command to make certificates with") { TestCertificates.shared != nil },
    .timeLimit(.minutes(1)))
struct TLSServerTests {
    /// Runs `body` with a server that speaks TLS; its clients reach it through a relay that does, too. `secure` has the
    /// port of the server itself.
    private func withSecureServer(
        loops: Int = 2, _ configure: (inout EngineIOServer.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, _ secure: TestServer) throws -> Void
    ) async throws {
        let certificates = try #require(TestCertificates.shared)
        var configuration = EngineIOServer.Configuration()
        let (log, journal) = (LogLines(), Journal())
        configuration.loops = loops
        configuration.logger = log
        configure(&configuration)
        let engine = EngineIOServer(configuration)
        engine.onConnection { socket in echo(socket, journal) }
        engine.http.get("/secure") { request in .text("\(request.isSecure)") }
        let port = try await engine.listen(host: "127.0.0.1", port: 0, tls: .good(certificates)).port
        let relay = try await TLSRelay.start(to: port, trusting: certificates.authority)
        let relayed = TestServer(engine: engine, port: relay.port, loops: loops, journal: journal, log: log)
        let direct = TestServer(engine: engine, port: port, loops: loops, journal: journal, log: log)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await offPool { try body(relayed, direct) })
        } catch {
            outcome = .failure(error)
        }
        await relay.stop()
        await engine.close()
        try outcome.get()
    }

    @Test func `what a client that compresses sends with its request, and its end, are handled in order`()
        async throws
    {
        let gate = AsyncStream.makeStream(of: Void.self)
        try await withSecureServer(loops: 1) {
            $0.perMessageDeflate = .init()
            // So that the end of the client's side is there before its WebSocket is.
            $0.middlewares.append { _ in
                for await _ in gate.stream { return [] }
                return []
            }
        } _: { server, _ throws in
            let client = try server.client()
            let frames = try CompressionTests.frames(500)
            try client.send(CompressionTests.request(server, before: frames))
            client.finish()
            for _ in 0..<3 { _ = try server.get("/secure") }
            gate.continuation.yield()
            #expect(try server.journal.next() == "open")
            for number in frames.indices { #expect(try server.journal.next().hasSuffix(" \(number)")) }
            #expect(try server.journal.next() == "close transport close")
        }
    }

    @Test func `sessions poll, post and upgrade on connections of any loop`() async throws {
        try await withSecureServer(loops: 4) { server, _ throws in
            let ids = try (0..<20).map { _ in try server.openPolling(on: try server.client()) }
            let client = try server.client()
            for (number, id) in ids.enumerated() {
                let poller = try server.client()
                try poller.sendRequest("GET", server.polling(id))
                #expect(try client.post(server.polling(id), "4first \(number)").text == "ok")
                #expect(try poller.response().text == "4first \(number)")
            }
            for (number, id) in ids.enumerated() {
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                try webSocket.send(
                    RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4\(number)"))
                #expect(try webSocket.receiveText() == "3probe")
                #expect(try webSocket.receiveText() == "4\(number)")
                webSocket.close()
            }
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `requests that a client pipelines go with the connection from loop to loop`() async throws {
        try await withSecureServer(loops: 4) { server, _ throws in
            let ids = try (0..<8).map { _ in try server.openPolling(on: try server.client()) }
            var requests: [UInt8] = []
            for (number, id) in ids.enumerated() {
                requests += RawClient.requestBytes("POST", server.polling(id), body: Array("4\(number)".utf8))
                requests += RawClient.requestBytes("GET", server.polling(id))
            }
            let client = try server.client()
            try client.send(requests)
            for number in ids.indices {
                #expect(try client.response().text == "ok")
                #expect(try client.response().text == "4\(number)")
            }
        }
    }

    @Test func `carries large messages both ways`() async throws {
        try await withSecureServer { server, _ throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            let text = "4" + String(repeating: "large ", count: 150_000)
            for _ in 0..<3 {
                try client.sendText(text)
                #expect(try client.receiveText() == text)
            }
        }
    }

    @Test func `a request says that it is secure`() async throws {
        try await withSecureServer { server, _ throws in
            #expect(try server.get("/secure").text == "true")
        }
        try await withServer { server throws in
            server.engine.http.get("/secure") { request in .text("\(request.isSecure)") }
            #expect(try server.get("/secure").text == "false")
        }
    }

    @Test func `only secure pages are of a secure server's origin`() async throws {
        try await withSecureServer { server, _ throws in
            func status(_ origin: String, host: String) throws -> Int {
                try server.upgrade(server.webSocket, [("Host", host), ("Origin", origin)]).status
            }
            #expect(try status("https://chat.example", host: "chat.example") == 101)
            #expect(try status("https://chat.example", host: "chat.example:443") == 101)
            #expect(try status("https://chat.example:8443", host: "chat.example:8443") == 101)
            #expect(try status("wss://chat.example:8443", host: "chat.example:8443") == 101)
            #expect(try status("wss://chat.example", host: "chat.example") == 101)
            #expect(try status("ws://chat.example:8443", host: "chat.example:8443") == 403)
            #expect(try status("http://chat.example", host: "chat.example") == 403)
            #expect(try status("http://chat.example:8443", host: "chat.example:8443") == 403)
            #expect(try status("https://elsewhere.example", host: "chat.example") == 403)
        }
    }

    @Test func `pages behind a proxy that ends TLS are of a plain server's origin`() async throws {
        try await withServer { server throws in
            for origin in ["https://chat.example", "http://chat.example"] {
                let response = try server.upgrade(server.webSocket, [("Host", "chat.example"), ("Origin", origin)])
                #expect(response.status == 101)
            }
        }
    }

    @Test func `a client that does not speak TLS is sent away, and others are served`() async throws {
        try await withSecureServer { server, secure throws in
            let plain = try secure.client()
            try plain.sendRequest("GET", "/secure")
            // Whatever it is told, it is no answer to its request.
            #expect(!String(decoding: try plain.receiveToEnd(), as: UTF8.self).contains("HTTP/"))
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(try server.get("/secure").text == "true")
        }
    }

    @Test func `a client that does not shake hands has as long as for a request`() async throws {
        try await withSecureServer({ $0.limits.requestHeadTime = .milliseconds(200) }) { server, secure throws in
            let silent = try secure.client()
            #expect(try silent.receiveToEnd() == [])
            let slow = try secure.client()
            // The beginning of a record that does not go on.
            try slow.send([22, 3, 1, 2, 0, 1])
            #expect(try slow.receiveToEnd() == [])
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `close ends secure sessions in order`() async throws {
        try await withSecureServer { server, _ throws in
            let client = try server.client()
            try server.openWebSocket(on: client)
            Task { await server.engine.close() }
            #expect(try client.receiveFrame().closeCode == 1001)
            try client.sendClose(1001)
            #expect(try client.receiveToEnd() == [])
        }
    }

    @Test func `listening says what is wrong with an identity, and can be tried again`() async throws {
        let certificates = try #require(TestCertificates.shared)
        let engine = EngineIOServer()
        for (certificate, key, named) in [
            (certificates.path("missing.pem"), certificates.key("good"), "missing.pem"),
            (certificates.certificate("good"), certificates.path("missing.key"), "missing.key"),
            (certificates.certificate("good"), certificates.key("locked"), "locked.key"),
            (certificates.certificate("good"), certificates.key("expired"), "expired.key"),
        ] {
            do throws(ListenError) {
                try await engine.listen(host: "127.0.0.1", port: 0, tls: .pem(certificate: certificate, key: key))
                Issue.record("it listens with \(certificate) and \(key)")
            } catch {
                #expect(error.code == .invalidIdentity)
                #expect(error.description.hasPrefix("cannot listen on 127.0.0.1:0: "))
                #expect(error.description.contains(named))
            }
        }
        try await engine.listen(host: "127.0.0.1", port: 0, tls: .good(certificates))
        await engine.close()
    }
}

extension ServerTLS {
    fileprivate static func good(_ certificates: TestCertificates) -> ServerTLS {
        .pem(certificate: certificates.certificate("good"), key: certificates.key("good"))
    }
}
