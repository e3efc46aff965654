import EngineIO
import Synchronization
import TestSupport
import Testing

/// A request that another server asks to be answered, without that server.
@Suite struct MountedRequestTests {
    private func get(_ target: String, _ headers: [(name: String, value: String)] = []) -> MountedRequest {
        MountedRequest(
            method: "GET", target: target, headers: [("Host", "chat.example")] + headers, remoteAddress: "192.0.2.7")
    }

    private func withEngine(
        _ configure: (EngineIOServer) -> Void = { _ in }, _ body: (EngineIOServer) async throws -> Void
    ) async throws {
        let engine = EngineIOServer()
        engine.configuration.loops = 1
        engine.configuration.logger = LogLines()
        configure(engine)
        try await engine.start()
        do {
            try await body(engine)
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
    }

    @Test func `the client is who the other server says, and its proxies are believed as ever`() async throws {
        try await withEngine {
            $0.configuration.trustedProxies = ["192.0.2.8"]
            $0.http.get("/who") {
                .text("\($0.remoteAddress) \($0.isSecure) \($0.host ?? "-") \($0.headers["x-own"] ?? "-")")
            }
        } _: { engine async throws in
            var request = get("/who", [("X-Own", "a"), ("X-Forwarded-For", "198.51.100.1")])
            #expect(try await text(engine.respond(to: request)) == "192.0.2.7 false chat.example a")
            request.isSecure = true
            #expect(try await text(engine.respond(to: request)) == "192.0.2.7 true chat.example a")
            request.remoteAddress = "192.0.2.8"
            #expect(try await text(engine.respond(to: request)) == "198.51.100.1 true chat.example a")
            request.remoteAddress = "fe80::1%eth0"
            #expect(try await text(engine.respond(to: request)) == "fe80::1 true chat.example a")
            for unknown in [nil, "/run/socket", ""] {
                request.remoteAddress = unknown
                #expect(try await text(engine.respond(to: request)) == "0.0.0.0 true chat.example a")
            }
        }
    }

    @Test func `what HTTP has no words for is answered with 400, and no second request is made of it`() async throws {
        let count = Atomic(0)
        try await withEngine {
            $0.http.get("/") { _ in
                count.add(1, ordering: .relaxed)
                return .text("seen")
            }
        } _: { engine async throws in
            let split = "x\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
            for request in [
                MountedRequest(method: "GET \(split)", target: "/", headers: [("Host", "a")], remoteAddress: nil),
                MountedRequest(method: "GET", target: "/ \(split)", headers: [("Host", "a")], remoteAddress: nil),
                MountedRequest(method: "GET", target: "", headers: [("Host", "a")], remoteAddress: nil),
                MountedRequest(method: "GET", target: "/none", headers: [("Host", split)], remoteAddress: nil),
                MountedRequest(
                    method: "GET", target: "/none", headers: [("Host", "a"), (split, "a")], remoteAddress: nil),
            ] {
                #expect(try await engine.respond(to: request).status == 400)
            }
            #expect(count.load(ordering: .relaxed) == 0)
            #expect(try await text(engine.respond(to: get("/"))) == "seen")
        }
    }

    @Test func `a body is as long as it is, whatever was said of its length`() async throws {
        try await withEngine {
            $0.http.post("/length") { .text("\($0.body.count)") }
        } _: { engine async throws in
            for claim in ["0", "2", "100"] {
                var request = get("/length", [("content-length", claim), ("Transfer-Encoding", "gzip")])
                request.method = "POST"
                #expect(try await text(engine.respond(to: request, body: Array("GET / HTTP/1.1".utf8))) == "14")
                let pieces = AsyncStream<[UInt8]> { stream in
                    for piece in ["GET / ", "", "HTTP/1.1"] { stream.yield(Array(piece.utf8)) }
                    stream.finish()
                }
                #expect(try await text(engine.respond(to: request, body: pieces)) == "14")
            }
        }
    }

    @Test func `a body that fails ends its request with its error`() async throws {
        struct Failure: Error {}
        try await withEngine {
            $0.http.post("/") { _ in .text("whole") }
        } _: { engine async throws in
            var request = get("/")
            request.method = "POST"
            let body = AsyncThrowingStream<[UInt8], any Error> { stream in
                stream.yield([1])
                stream.finish(throwing: Failure())
            }
            await #expect(throws: Failure.self) { try await engine.respond(to: request, body: body) }
        }
    }

    @Test func `a body without end is refused at the limit of its route`() async throws {
        try await withEngine {
            $0.http.post("/count", maxBodyBytes: 1 << 20) { _, body in
                for try await _ in body {}
                return .text("whole")
            }
        } _: { engine async throws in
            var request = get("/count")
            request.method = "POST"
            let body = AsyncStream<[UInt8]>(unfolding: { [UInt8](repeating: 0, count: 64 * 1024) })
            #expect(try await engine.respond(to: request, body: body).status == 413)
        }
    }

    @Test func `a request whose task is cancelled is cancelled where it is answered`() async throws {
        let journal = Journal()
        try await withEngine {
            $0.http.get("/waits") { _ in
                journal.append("began")
                do { try await Task.sleep(for: .seconds(3600)) } catch { journal.append("cancelled") }
                return .text("too late")
            }
        } _: { engine async throws in
            let request = get("/waits")
            let task = Task { try await engine.respond(to: request) }
            #expect(try await offPool { try journal.next() } == "began")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await offPool { try journal.next() } == "cancelled")
            let early = Task {
                await Gate.cancelled()
                return try await engine.respond(to: request)
            }
            early.cancel()
            await #expect(throws: CancellationError.self) { try await early.value }
        }
    }

    @Test func `who lets go of a response ends what writes it`() async throws {
        let journal = Journal()
        try await withEngine {
            $0.http.get("/endless") { _ in
                .stream(contentType: "text/plain") { body in
                    do { while true { try await body.write("more") } } catch { journal.append("ended") }
                }
            }
        } _: { engine async throws in
            #expect(try await engine.respond(to: get("/endless")).status == 200)
            #expect(try await offPool { try journal.next() } == "ended")
        }
    }

    @Test func `who reads slowly has the writer wait, and gets everything`() async throws {
        let written = Atomic(0)
        let (piece, total) = (32 * 1024, 64 << 20)
        try await withEngine {
            $0.http.get("/large") { _ in
                .stream(contentType: "text/plain") { body in
                    for _ in 0..<total / piece {
                        try await body.write([UInt8](repeating: 0x61, count: piece))
                        written.add(piece, ordering: .relaxed)
                    }
                }
            }
        } _: { engine async throws in
            var (read, ahead) = (0, 0)
            guard case .body(let body) = try await engine.respond(to: get("/large")).content else { return }
            for try await bytes in body {
                ahead = max(ahead, written.load(ordering: .relaxed) - read)
                read += bytes.count
            }
            #expect(read == total)
            #expect(ahead < 2 << 20)
        }
    }

    @Test func `a server that does not run, and one that is full, answer 503`() async throws {
        let idle = EngineIOServer()
        #expect(try await idle.respond(to: get("/")).status == 503)
        try await withEngine {
            $0.configuration.limits.connections = 0
        } _: { engine async throws in
            #expect(try await engine.respond(to: get("/")).status == 503)
        }
    }

    @Test func `closing ends WebSockets and streams, and answers no more`() async throws {
        let journal = Journal()
        let engine = EngineIOServer()
        engine.configuration.loops = 2
        engine.onConnection { socket in socket.onClose { journal.append("close \($0)") } }
        engine.http.events("/events") { _, stream in
            try await stream.send("one")
            try await Task.sleep(for: .seconds(3600))
        }
        try await engine.start()
        let upgrade = get(
            "/engine.io/?EIO=4&transport=websocket",
            RawClient.upgradeFields.map { (name: $0.0, value: $0.1) })
        let webSocket = try await engine.respond(to: upgrade)
        let events = try await engine.respond(to: get("/events"))
        #expect(webSocket.status == 101)
        guard case .upgrade(let connection) = webSocket.content, case .body(let body) = events.content else { return }
        var iterator = body.makeAsyncIterator()
        #expect(try await iterator.next() != nil)
        async let closed: Void = engine.close()
        var text = ""
        for try await bytes in connection.output { text += String(decoding: bytes, as: UTF8.self) }
        while let rest = try await iterator.next() { #expect(rest.isEmpty) }
        await closed
        #expect(try await offPool { try journal.next() } == "close server shutting down")
        #expect(try await engine.respond(to: get("/events")).status == 503)
        // It can begin again.
        try await engine.start()
        #expect(try await engine.respond(to: get("/none")).status == 404)
        await engine.close()
    }

    @Test func `a client of HTTP 1.0 without a Host is answered as one`() async throws {
        try await withEngine {
            $0.http.get("/host") { .text($0.host ?? "none") }
        } _: { engine async throws in
            let request = MountedRequest(method: "GET", target: "/host", headers: [], remoteAddress: nil)
            #expect(try await text(engine.respond(to: request)) == "none")
        }
    }

    private func text(_ response: MountedResponse) async throws -> String {
        guard case .body(let body) = response.content else { return "upgraded" }
        var bytes: [UInt8] = []
        for try await piece in body { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Gate {
    /// Returns when the task is cancelled.
    fileprivate static func cancelled() async {
        let gate = Gate()
        await withTaskCancellationHandler {
            await gate.wait()
        } onCancel: {
            gate.open()
        }
    }
}
