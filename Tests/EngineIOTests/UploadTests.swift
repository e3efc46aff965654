import TestSupport
import Testing

@testable import EngineIO

/// Requests whose bodies are read as they arrive.
@Suite(.timeLimit(.minutes(2))) struct UploadTests {
    /// Answers with how much came, and tells the journal of each beginning and of what is thrown.
    private static func serveCount(on server: TestServer, maxBodyBytes: Int = 100_000_000) {
        server.engine.http.post("/count/:name", maxBodyBytes: maxBodyBytes) { request, body in
            server.journal.append("begun \(request.parameters["name"] ?? "")")
            var (count, sum) = (0, 0)
            do {
                for try await piece in body {
                    count += piece.count
                    for byte in piece { sum = (sum &* 31 &+ Int(byte)) & 0xFFFF }
                }
            } catch {
                server.journal.append("\(type(of: error)) \(Task.isCancelled)")
                throw error
            }
            return .text("\(count) \(sum)")
        }
    }

    private static func answer(to body: [UInt8]) -> String {
        var sum = 0
        for byte in body { sum = (sum &* 31 &+ Int(byte)) & 0xFFFF }
        return "\(body.count) \(sum)"
    }

    @Test func `a body larger than others may be arrives whole, and the connection goes on behind it`() async throws {
        try await withServer { server throws in
            Self.serveCount(on: server)
            var random = SeededGenerator(seed: 5)
            let body = random.bytes(3_000_000)
            let client = try server.client()
            for _ in 0..<2 {
                #expect(try client.post("/count/a", body).text == Self.answer(to: body))
                #expect(try server.journal.next() == "begun a")
            }
            #expect(try client.post("/count/b", []).text == "0 0")
            #expect(try client.get("/count/b").status == 405)
            #expect(try client.post("/none", Array(body.prefix(1000))).status == 404)
        }
    }

    @Test func `a chunked body is read however it is split, and what is pipelined behind it waits`() async throws {
        try await withServer { server throws in
            Self.serveCount(on: server)
            let head = "POST /count/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let bytes = Array((head + "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nTrailer: z\r\n\r\n").utf8)
            let next = RawClient.requestBytes("GET", "/none")
            let client = try server.client()
            for split in 0...bytes.count {
                try client.send(Array(bytes[..<split]))
                try client.send(Array(bytes[split...]) + next)
                #expect(try client.response().text == Self.answer(to: Array("hello, world".utf8)))
                #expect(try client.response().status == 404)
            }
        }
    }

    @Test func `a client that asks is told to send its body, unless it is too large`() async throws {
        try await withServer { server throws in
            Self.serveCount(on: server, maxBodyBytes: 10)
            let client = try server.client()
            let expecting = [("Expect", "100-continue")]
            try client.sendRequest("POST", "/count/a", expecting + [("Content-Length", "10")])
            #expect(try client.response().status == 100)
            try client.send("0123456789")
            #expect(try client.response().text == Self.answer(to: Array("0123456789".utf8)))
            #expect(try server.journal.next() == "begun a")
            try client.sendRequest("POST", "/count/b", expecting + [("Content-Length", "11")])
            #expect(try client.response().status == 413)
            #expect(try client.receiveToEnd() == [])
            #expect(server.journal.rest == [])
        }
    }

    @Test func `a chunked body over the limit ends the reading with 413`() async throws {
        try await withServer { server throws in
            Self.serveCount(on: server, maxBodyBytes: 10)
            let client = try server.client()
            try client.sendRequest("POST", "/count/a", [("Transfer-Encoding", "chunked")])
            try client.send("a\r\n0123456789\r\n")
            #expect(try server.journal.next() == "begun a")
            try client.send("1\r\nx\r\n")
            #expect(try client.response().status == 413)
            #expect(try server.journal.next() == "CancellationError true")
            try server.expectUnharmed()
        }
    }

    @Test func `a client has to wait for a handler that does not read, and then gets through`() async throws {
        try await withServer { server throws in
            let gate = Gate()
            server.engine.http.put("/late", maxBodyBytes: 1_000_000_000) { _, body in
                await gate.wait()
                var count = 0
                for try await piece in body { count += piece.count }
                return .text("\(count)")
            }
            let client = try server.client(patience: .seconds(1))
            let total = 200_000_000
            try client.sendRequest("PUT", "/late", [("Content-Length", "\(total)")])
            let piece = Array(repeating: UInt8(1), count: 1000)
            var sent = 0
            // Until the buffers of the kernel are full.
            while sent < total, (try? client.send(piece)) != nil { sent += piece.count }
            #expect(sent < total)
            client.abort()
            gate.open()
            try server.expectCensus(sessions: 0, connections: 0)
            let other = try server.client()
            let body = Array(repeating: UInt8(1), count: 5_000_000)
            try other.sendRequest("PUT", "/late", body: body)
            #expect(try other.response().text == "5000000")
        }
    }

    @Test(arguments: ["abort", "close", "finish"])
    func `a client that leaves in the middle ends the reading`(how: String) async throws {
        try await withServer { server throws in
            Self.serveCount(on: server)
            let client = try server.client()
            try client.sendRequest("POST", "/count/a", [("Content-Length", "1000")])
            try client.send("some")
            #expect(try server.journal.next() == "begun a")
            switch how {
            case "abort": client.abort()
            case "close": client.close()
            default: client.finish()
            }
            #expect(try server.journal.next() == "CancellationError true")
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(!server.log.lines.contains { $0.contains("failed") })
        }
    }

    @Test func `a body that comes too slowly is 408`() async throws {
        try await withServer({ $0.limits.requestBodyTime = .milliseconds(100) }) { server throws in
            Self.serveCount(on: server)
            let client = try server.client()
            try client.sendRequest("POST", "/count/a", [("Content-Length", "1000")])
            #expect(try client.response().status == 408)
            #expect(try server.journal.next() == "begun a")
            #expect(try server.journal.next() == "CancellationError true")
        }
    }

    @Test func `a handler may answer before the body is whole, and the connection ends`() async throws {
        try await withServer { server throws in
            server.engine.http.post("/first", maxBodyBytes: 1000) { _, body in
                for try await piece in body { return .text("\(piece.first ?? 0)", status: 202) }
                return .status(400)
            }
            let client = try server.client()
            try client.sendRequest("POST", "/first", [("Content-Length", "1000")])
            try client.send([65])
            let response = try client.response()
            #expect(response.status == 202)
            #expect(response["connection"] == "close")
            #expect(response.text == "65")
            #expect(try client.receiveToEnd() == [])
        }
    }
}
