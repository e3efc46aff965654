import EngineIO
import TestSupport
import Testing

/// `shutdown(draining:)`, the probes, and who is refused meanwhile.
@Suite(.timeLimit(.minutes(1))) struct ShutdownTests {
    @Test func `the probes say what the server does`() async throws {
        try await withServer { server throws in
            server.engine.http.health()
            server.engine.http.readiness()
            server.engine.http.readiness("/database") { false }
            #expect(try server.get("/healthz").text == "ok")
            #expect(try server.get("/readyz").text == "ready")
            let answer = try server.get("/database")
            #expect(answer.status == 503 && answer.text == "not ready")
            #expect(answer["cache-control"] == "no-store")
        }
    }

    @Test func `while it drains, probes and pages are answered and new sessions are not`() async throws {
        try await withServer(loops: 1, onConnection: { socket, journal in echo(socket, journal) }) { server throws in
            server.engine.http.health()
            server.engine.http.readiness()
            // A request that is under way keeps the server from closing.
            let gate = Gate()
            server.engine.http.get("/slow") { _ in
                await gate.wait()
                return .text("done")
            }
            let slow = try server.client()
            try slow.sendRequest("GET", "/slow")
            let webSocket = try server.client()
            try server.openWebSocket(on: webSocket)
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            let page = try server.client()
            #expect(try page.get("/readyz").status == 200)
            Task {
                await server.engine.shutdown(draining: .seconds(30))
                server.journal.append("closed")
            }
            // As with `close`: what makes clients reconnect.
            #expect(try webSocket.receiveClose() == 1001)
            try webSocket.sendClose(1001)
            #expect(try webSocket.receiveToEnd() == [])
            #expect(try poller.get(server.polling(id)).text == "1")
            for _ in 0..<2 { #expect(try server.journal.next() == "open") }
            for _ in 0..<2 { #expect(try server.journal.next() == "close server shutting down") }
            #expect(try page.get("/readyz").status == 503)
            #expect(try page.get("/healthz").status == 200)
            #expect(try server.get(server.polling).status == 503)
            #expect(try server.upgrade(server.webSocket).status == 503)
            gate.open()
            #expect(try slow.response().text == "done")
            #expect(try server.journal.next() == "closed")
            #expect(throws: RawClientError.self) { try server.client() }
        }
    }

    @Test func `a client has what was sent before, and a server that drains can be closed at once`() async throws {
        try await withServer(loops: 2, onConnection: { socket, _ in socket.send(.text("last words")) }) {
            server throws in
            server.engine.http.get("/never") { _ in
                try await Task.sleep(for: .seconds(600))
                return .text("")
            }
            let never = try server.client()
            try never.sendRequest("GET", "/never")
            let poller = try server.client()
            let id = try server.openPolling(on: poller)
            Task {
                await server.engine.shutdown(draining: .seconds(600))
                server.journal.append("closed")
            }
            // The close packet comes with it, or with the next poll.
            var text = try poller.get(server.polling(id)).text
            if text == "4last words" { text += "\u{1E}" + (try poller.get(server.polling(id)).text) }
            #expect(text == "4last words\u{1E}1")
            Task { await server.engine.close() }
            #expect(try server.journal.next() == "closed")
            #expect(throws: RawClientError.self) { try server.client() }
        }
    }

    @Test func `a server without clients shuts down at once, and can listen again`() async throws {
        var configuration = EngineIOServer.Configuration()
        configuration.logger = LogLines()
        let engine = EngineIOServer(configuration)
        engine.http.readiness()
        await engine.shutdown(draining: .seconds(600))
        for _ in 0..<2 {
            let port = try await engine.listen(host: "127.0.0.1", port: 0).port
            let status = try await offPool { try RawClient(port: port).get("/readyz").status }
            #expect(status == 200)
            await engine.shutdown(draining: .seconds(600))
        }
    }

    @Test func `a task of run that is cancelled drains`() async throws {
        var configuration = EngineIOServer.Configuration()
        let log = JournalLog()
        (configuration.logger, configuration.loops) = (log, 1)
        let engine = EngineIOServer(configuration)
        let running = Task { try await engine.run(host: "127.0.0.1", port: 0, stopOn: [], draining: .seconds(600)) }
        let code = try await offPool {
            let line = try log.journal.next()
            let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
            let client = try RawClient(port: port)
            try client.openWebSocket("/engine.io/?EIO=4&transport=websocket")
            running.cancel()
            return try client.receiveClose()
        }
        #expect(code == 1001)
        try await running.value
    }
}

/// A log to wait for.
private struct JournalLog: ServerLogger {
    let level = LogLevel.info
    let journal = Journal()

    func log(_ level: LogLevel, _ message: String) { journal.append(message) }
}
