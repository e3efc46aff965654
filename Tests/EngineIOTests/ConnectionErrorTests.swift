import EngineIO
import TestSupport
import Testing

/// What `onConnectionError` tells (Protocol.md 1.4).
@Suite(.timeLimit(.minutes(1))) struct ConnectionErrorTests {
    @Test(arguments: [
        ("GET", "EIO=4&transport=carrier", "unknown_transport", "Transport unknown", "carrier"),
        ("GET", "EIO=4", "unknown_transport", "Transport unknown", "-"),
        ("GET", "EIO=4&transport=polling&sid=nobody", "unknown_session", "Session ID unknown", "nobody"),
        ("GET", "EIO=4&transport=polling&sid=a&sid=b", "unknown_session", "Session ID unknown", "several"),
        ("PUT", "EIO=4&transport=polling", "bad_handshake_method", "Bad handshake method", "PUT"),
        ("GET", "EIO=4&transport=websocket", "bad_request", "Bad request", "-"),
        ("GET", "EIO=3&transport=polling", "unsupported_protocol", "Unsupported protocol version", "3"),
    ])
    func `each refusal is told after its answer`(
        _ method: String, _ query: String, _ code: String, _ message: String, _ context: String
    ) async throws {
        try await withServer { server throws in
            server.engine.onConnectionError { error in
                server.journal.append(
                    "\(error.code) \(error.message) \(error.context ?? "-") \(error.request.method) "
                        + "\(error.request.path) \(error.request.remoteAddress)")
            }
            #expect(try server.request(method, "/engine.io/?\(query)").status == 400)
            #expect(try server.journal.next() == "\(code) \(message) \(context) \(method) /engine.io/ 127.0.0.1")
        }
    }

    @Test func `the words of allowRequest, a foreign page and a full server are told`() async throws {
        try await withServer(loops: 1) { configuration in
            configuration.limits.sessions = 1
            configuration.allowRequest = { request in
                if request.query["token"] == "bad" { throw RequestRefused("no such token") }
            }
        } _: { server throws in
            server.engine.onConnectionError { error in
                server.journal.append("\(error.code.rawValue) \(error.message) \(error.context ?? "-")")
            }
            #expect(try server.get("\(server.polling)&token=bad").status == 403)
            #expect(try server.journal.next() == "4 no such token -")
            #expect(try server.upgrade(server.webSocket, [("Origin", "http://else.where")]).status == 403)
            #expect(try server.journal.next() == "4 Forbidden http://else.where")
            let first = try server.client()
            _ = try server.openPolling(on: first)
            #expect(try server.journal.next() == "open")
            #expect(try server.get(server.polling).status == 503)
            #expect(try server.journal.next() == "6 Too many sessions -")
        }
    }

    @Test func `the last handler is told, and none is of what is accepted`() async throws {
        try await withServer { server throws in
            server.engine.onConnectionError { _ in server.journal.append("first") }
            server.engine.onConnectionError { _ in server.journal.append("second") }
            _ = try server.openPolling(on: server.client())
            _ = try server.get("/engine.io/?EIO=4")
            #expect(try server.journal.next() == "open")
            #expect(try server.journal.next() == "second")
        }
    }
}
