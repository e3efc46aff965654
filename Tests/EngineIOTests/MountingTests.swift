import EngineIO
import MountedHost
import Synchronization
import TestSupport
import Testing

/// The server beside another one: what a client sees through a host that knows nothing of it.
@Suite struct MountingTests {
    @Test func `a session polls, posts and upgrades through another server`() async throws {
        try await withMountedServer { server in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.post(server.polling(id), "4one").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4one")
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
            try webSocket.sendText("5")
            try webSocket.sendText("4two")
            #expect(try webSocket.receiveText() == "4two")
            try webSocket.sendClose()
            _ = try webSocket.receiveToEnd()
        }
    }

    @Test func `what comes right behind the request of a WebSocket arrives`() async throws {
        try await withMountedServer { server in
            let client = try server.client()
            let request = RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields)
            try client.send(request + RawClient.textFrame("4early"))
            #expect(try client.response().status == 101)
            _ = try client.receiveText()
            #expect(try client.receiveText() == "4early")
        }
    }

    @Test func `messages of any size go both ways`() async throws {
        try await withMountedServer { server in
            let client = try server.client()
            try server.openWebSocket(on: client)
            for size in [0, 125, 126, 70_000, 900_000] {
                let text = "4" + String(repeating: "x", count: size)
                try client.sendText(text)
                #expect(try client.receiveText() == text)
            }
        }
    }

    @Test func `a client that leaves ends its session, and what its request has begun`() async throws {
        let journal = Journal()
        try await withMountedServer {
            $0.http.get("/waits") { _ in
                journal.append("began")
                do { try await Task.sleep(for: .seconds(3600)) } catch { journal.append("cancelled") }
                return .text("too late")
            }
        } _: { server in
            let webSocket = try server.client()
            try server.openWebSocket(on: webSocket)
            #expect(try server.journal.next() == "open")
            webSocket.close()
            #expect(try server.journal.next() == "close transport close")
            let client = try server.client()
            try client.sendRequest("GET", "/waits")
            #expect(try journal.next() == "began")
            client.close()
            #expect(try journal.next() == "cancelled")
        }
    }

    @Test func `bodies go both ways as they come`() async throws {
        let size = 8 << 20
        try await withMountedServer {
            $0.http.post("/count", maxBodyBytes: size) { _, body in
                var count = 0
                for try await piece in body { count += piece.count }
                return .text("\(count)")
            }
            $0.http.get("/stream") { _ in
                .stream(contentType: "text/plain") { body in
                    for _ in 0..<128 { try await body.write([UInt8](repeating: 0x61, count: 64 * 1024)) }
                }
            }
            $0.http.events("/events") { _, stream in
                for number in 1...3 { try await stream.send("\(number)", id: "\(number)") }
            }
        } _: { server in
            #expect(try server.post("/count", String(repeating: "y", count: size)).text == "\(size)")
            #expect(try server.get("/stream").body.count == size)
            let head = try server.request("HEAD", "/stream")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(try server.get("/events").text == "id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n")
        }
    }

    @Test func `requests of one connection are answered one after the other`() async throws {
        try await withMountedServer {
            $0.http.get("/number/:number") { request in .text("\(request.parameters["number"] ?? "-")") }
        } _: { server in
            let client = try server.client()
            for number in 0..<3 { try client.sendRequest("GET", "/number/\(number)") }
            for number in 0..<3 { #expect(try client.response().text == "\(number)") }
        }
    }

    @Test func `200 sessions on four loops poll and upgrade`() async throws {
        try await withMountedServer(loops: 4) { server in
            for number in 0..<200 {
                let client = try server.client()
                let id = try server.openPolling(on: client)
                #expect(try server.post(server.polling(id), "4\(number)").text == "ok")
                #expect(try client.get(server.polling(id)).text == "4\(number)")
                guard number % 10 == 0 else { continue }
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                try webSocket.send(
                    RawClient.textFrame("2probe") + RawClient.textFrame("5") + RawClient.textFrame("4up"))
                #expect(try webSocket.receiveText() == "3probe")
                #expect(try webSocket.receiveText() == "4up")
            }
        }
    }
}

/// Runs `body`, which may block, with a server that another one has mounted, and that sends every message back.
func withMountedServer(
    loops: Int = 2, _ configure: (EngineIOServer) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) throws -> Void
) async throws {
    var configuration = EngineIOServer.Configuration()
    let log = LogLines()
    configuration.loops = loops
    configuration.logger = log
    let engine = EngineIOServer(configuration)
    let journal = Journal()
    engine.onConnection { socket in echo(socket, journal) }
    configure(engine)
    try await engine.start()
    let host = try MountedHost { request, body in
        try await request.method == "POST" ? engine.respond(to: request, body: body) : engine.respond(to: request)
    }
    let server = TestServer(engine: engine, port: host.port, loops: loops, journal: journal, log: log)
    do {
        try await offPool { try body(server) }
        host.close()
        await engine.close()
    } catch {
        host.close()
        await engine.close()
        throw error
    }
}
