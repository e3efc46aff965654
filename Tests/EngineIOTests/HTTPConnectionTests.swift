import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.2.
@Suite struct HTTPConnectionTests {
    @Test func `a client that sends nothing more still gets all of its answer`() async throws {
        try await withServer { server throws in
            let body = [UInt8](repeating: UInt8(ascii: "b"), count: 8_000_000)
            server.engine.http.get("/large") { _ in HTTPResponse(body: body) }
            let client = try server.client(receiveBuffer: 8192)
            try client.sendRequest("GET", "/large")
            _ = try client.receive(through: "\r\n\r\n")
            client.finish()
            #expect(try client.receiveToEnd().count == body.count)
        }
    }

    @Test func `pipelined requests are answered in order, also behind a handler that takes its time`() async throws {
        let gate = Gate()
        try await withServer { server throws in
            server.engine.http.get("/slow") { _ in
                await gate.wait()
                return .text("slow")
            }
            server.engine.http.get("/fast") { _ in .text("fast") }
            server.engine.http.post("/post") { .text("\($0.body.count)") }
            let client = try server.client()
            var requests: [UInt8] = []
            for _ in 0..<10 {
                requests += RawClient.requestBytes("GET", "/fast")
                requests += RawClient.requestBytes("GET", "/slow")
                requests += RawClient.requestBytes("POST", "/post", body: Array(repeating: 7, count: 5000))
                requests += RawClient.requestBytes("GET", "/none")
            }
            try client.send(requests)
            #expect(try client.response().text == "fast")
            #expect(try client.isSilent(for: .milliseconds(20)))
            gate.open()
            for index in 0..<10 {
                if index > 0 { #expect(try client.response().text == "fast") }
                #expect(try client.response().text == "slow")
                #expect(try client.response().text == "5000")
                #expect(try client.response().status == 404)
            }
        }
    }

    @Test func `what a client pipelines behind a slow handler is not taken without end`() async throws {
        let gate = Gate()
        try await withServer { server throws in
            server.engine.http.get("/slow") { _ in
                await gate.wait()
                return .text("slow")
            }
            let client = try server.client(patience: .milliseconds(300))
            try client.sendRequest("GET", "/slow")
            let burst = Array(repeating: RawClient.requestBytes("GET", "/none"), count: 1000).flatMap { $0 }
            var sent = 0
            #expect(throws: RawClientError.self) {
                // Until the kernel's buffers are full as well.
                while sent < 2000 {
                    try client.send(burst)
                    sent += 1
                }
            }
            gate.open()
            client.patience = .seconds(30)
            #expect(try client.response().text == "slow")
            #expect(try client.response().status == 404)
        }
    }

    @Test func `a client that closes its side still gets the answers, and the connection ends then`() async throws {
        let gate = Gate()
        try await withServer { server throws in
            server.engine.http.get("/slow") { _ in
                await gate.wait()
                return .text("slow")
            }
            let client = try server.client()
            try client.send(RawClient.requestBytes("GET", "/slow") + RawClient.requestBytes("GET", "/none"))
            client.finish()
            #expect(try client.isSilent(for: .milliseconds(20)))
            gate.open()
            #expect(try client.response().text == "slow")
            #expect(try client.response().status == 404)
            #expect(try client.receiveToEnd() == [])
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a connection is kept unless the client says otherwise`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            #expect(try client.get("/none")["connection"] == nil)
            #expect(try client.get("/none", [("Connection", "close")])["connection"] == "close")
            #expect(try client.receiveToEnd() == [])
            let old = try server.client()
            try old.send("GET /none HTTP/1.0\r\n\r\n")
            #expect(try old.response()["connection"] == "close")
            #expect(try old.receiveToEnd() == [])
            let kept = try server.client()
            try kept.send("GET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try kept.response()["connection"] == "keep-alive")
            #expect(try kept.get("/none").status == 404)
        }
    }

    @Test func `a body is asked for when the client waits for that`() async throws {
        try await withServer { server throws in
            server.engine.http.post("/post") { .text("\($0.body)") }
            let client = try server.client()
            for _ in 0..<2 {
                try client.sendRequest("POST", "/post", [("Expect", "100-continue"), ("Content-Length", "3")])
                #expect(try client.response().status == 100)
                try client.send([1, 2, 3])
                #expect(try client.response().text == "[1, 2, 3]")
            }
            try client.sendRequest("POST", "/post", [("Expect", "magic"), ("Content-Length", "3")])
            #expect(try client.response().status == 417)
        }
    }

    @Test func `a chunked body is put together`() async throws {
        try await withServer { server throws in
            server.engine.http.post("/post") { .text("\($0.body.count)") }
            let client = try server.client()
            let body = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
            let request = RawClient.requestBytes(
                "POST", "/post", [("Transfer-Encoding", "chunked")], body: Array(body.utf8))
            for byte in request { try client.send([byte]) }
            #expect(try client.response().text == "11")
            #expect(try client.post("/post", Array(repeating: 0, count: 1_000_000)).text == "1000000")
            #expect(try client.post("/post", Array(repeating: 0, count: 1_000_001)).status == 413)
        }
    }

    @Test func `a response of 20 MB arrives whole, on a connection that is kept and on one that closes`() async throws {
        let body = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 8) }
        try await withServer { server throws in
            server.engine.http.get("/large") { _ in HTTPResponse(contentType: "application/x", body: body) }
            let client = try server.client(receiveBuffer: 65_536)
            #expect(try client.get("/large").body == body)
            #expect(try client.get("/large", [("Connection", "close")]).body == body)
            let head = try server.request("HEAD", "/large")
            #expect(head["content-length"] == "20000000")
        }
    }

    @Test func `a client that reads slowly gets all of a response that ends the connection`() async throws {
        let body = Array(repeating: UInt8(7), count: 12_000_000)
        try await withServer { server throws in
            server.engine.http.get("/large") { _ in HTTPResponse(body: body) }
            let client = try server.client(receiveBuffer: 65_536)
            try client.sendRequest("GET", "/large", [("Connection", "close")])
            let silent = try server.client()
            var count = try client.receive(1).count
            let start = ContinuousClock.now
            // A bit now and then for longer than the server lingers.
            while ContinuousClock.now - start < .milliseconds(2500) {
                count += try client.receive(20_000).count
                _ = try silent.isSilent(for: .milliseconds(50))
            }
            count += try client.receiveToEnd().count
            #expect(count > body.count)
        }
    }

    @Test func `a client that asks for much and never reads does not make the server keep it all`() async throws {
        let body = Array(repeating: UInt8(7), count: 1_000_000)
        try await withServer {
            $0.limits.bufferedBytes = 3_000_000
        } _: { server throws in
            server.engine.http.get("/large") { request in
                server.journal.append("asked")
                return HTTPResponse(body: body)
            }
            let client = try server.client(receiveBuffer: 4096)
            let requests = Array(repeating: RawClient.requestBytes("GET", "/large"), count: 500).flatMap { $0 }
            try? client.send(requests)
            // Those behind the limit are not even looked at, so that the count stays when the server is idle.
            let other = try server.client()
            _ = try other.get("/none")
            _ = try other.isSilent(for: .milliseconds(100))
            #expect(server.journal.rest.count < 30)
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n", 400), ("\u{16}\u{3}\u{1}\u{2}\r\n", 400),
    ])
    func `a head that is none is refused and the connection ends`(_ text: String, _ status: Int) async throws {
        try await withServer { server throws in
            let client = try server.client()
            try client.send(text)
            #expect(try client.response().status == status)
            #expect(try client.receiveToEnd() == [])
            client.close()
            try server.expectUnharmed()
        }
    }
}
