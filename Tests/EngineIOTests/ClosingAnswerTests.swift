import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.4 and 3.7: what connections see of a server that closes.
@Suite struct ClosingAnswerTests {
    @Test func `a handshake that is being decided gets 503, a connection without a whole request no answer`()
        async throws
    {
        let (gate, asked) = (Gate(), Journal())
        var configuration = EngineIOServer.Configuration()
        configuration.logger = LogLines()
        configuration.loops = 1
        configuration.allowRequest = { request in
            guard request.query["waits"] != nil else { return }
            asked.append("asked")
            await gate.wait()
        }
        let engine = EngineIOServer(configuration)
        let port = try await engine.listen(host: "127.0.0.1", port: 0).port
        let server = TestServer(engine: engine, port: port, loops: 1, journal: Journal(), log: LogLines())
        try await offPool {
            let idle = try server.client()
            _ = try idle.get("/none")
            let fresh = try server.client()
            let poller = try server.client()
            try poller.sendRequest("GET", server.polling(try server.openPolling(on: try server.client())))
            let arriving = try server.client()
            try arriving.send("GET /none HTTP/1.1\r\nHost: a\r\n")
            let waiting = try server.client()
            try waiting.sendRequest("GET", server.polling + "&waits=1")
            _ = try asked.next()
            Task { await engine.close() }
            #expect(try poller.response().text == "1")
            for client in [idle, fresh, arriving] { #expect(try client.receiveToEnd() == []) }
            gate.open()
            let refused = try waiting.response()
            #expect(refused.status == 503)
            #expect(refused["connection"] == "close")
            #expect(try waiting.receiveToEnd() == [])
        }
        await engine.close()
    }
}
