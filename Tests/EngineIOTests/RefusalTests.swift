import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.4 and 3.2.
@Suite struct RefusalTests {
    static let transportUnknown = #"{"code":0,"message":"Transport unknown"}"#
    static let sessionUnknown = #"{"code":1,"message":"Session ID unknown"}"#
    static let badMethod = #"{"code":2,"message":"Bad handshake method"}"#
    static let badRequest = #"{"code":3,"message":"Bad request"}"#
    static let badVersion = #"{"code":5,"message":"Unsupported protocol version"}"#

    @Test(arguments: [
        ("GET", "EIO=4", transportUnknown),
        ("GET", "EIO=4&transport=", transportUnknown),
        ("GET", "EIO=4&transport=webtransport", transportUnknown),
        ("GET", "EIO=4&transport=__proto__", transportUnknown),
        ("GET", "EIO=4&transport=constructor", transportUnknown),
        ("GET", "EIO=4&transport=Polling", transportUnknown),
        ("GET", "EIO=4&transport=polling&transport=polling", transportUnknown),
        ("GET", "EIO=4&transport=polling&sid=unknown", sessionUnknown),
        ("GET", "EIO=4&transport=polling&sid=%00", sessionUnknown),
        ("GET", "EIO=4&transport=polling&sid=&sid=", sessionUnknown),
        ("GET", "EIO=4&transport=polling&sid=__proto__", sessionUnknown),
        ("GET", "EIO=4&transport=polling&sid=a&sid=b", sessionUnknown),
        ("POST", "EIO=4&transport=polling&sid=unknown", sessionUnknown),
        ("PUT", "EIO=4&transport=polling&sid=unknown", sessionUnknown),
        ("GET", "EIO=4&transport=websocket&sid=unknown", sessionUnknown),
        ("POST", "EIO=4&transport=polling", badMethod),
        ("PUT", "EIO=4&transport=polling", badMethod),
        ("OPTIONS", "EIO=4&transport=polling", badMethod),
        ("DELETE", "EIO=4&transport=websocket", badMethod),
        ("GET", "EIO=4&transport=websocket", badRequest),
        ("GET", "transport=polling", badVersion),
        ("GET", "EIO=3&transport=polling", badVersion),
        ("GET", "EIO=5&transport=polling", badVersion),
        ("GET", "EIO=&transport=polling", badVersion),
        ("GET", "EIO=4&EIO=4&transport=polling", badVersion),
        // The order of the checks.
        ("POST", "EIO=3&transport=x&sid=unknown", transportUnknown),
        ("POST", "EIO=3&transport=polling&sid=unknown", sessionUnknown),
        ("POST", "EIO=3&transport=websocket", badMethod),
        ("GET", "EIO=3&transport=websocket", badRequest),
    ])
    func `each refusal has its code`(_ method: String, _ query: String, _ body: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            try client.sendRequest(method, "/engine.io/?\(query)")
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.text == body)
            #expect(response["content-type"] == "application/json")
            // The connection is as good as before.
            _ = try server.openPolling(on: client)
            #expect(try server.census().sessions == 1)
        }
    }

    @Test(arguments: [
        ("EIO=4", "Transport unknown"), ("EIO=4&transport=__proto__", "Transport unknown"),
        ("EIO=4&transport=websocket&sid=unknown", "Session ID unknown"),
        ("EIO=4&transport=websocket&sid=a&sid=a", "Session ID unknown"),
        ("EIO=4&transport=polling", "Bad request"), ("EIO=3&transport=websocket", "Unsupported protocol version"),
        ("transport=websocket", "Unsupported protocol version"),
    ])
    func `a refused upgrade gets 400 and the bare words`(_ query: String, _ words: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let response = try client.upgrade("/engine.io/?\(query)")
            #expect(response.status == 400)
            #expect(response.text == words)
            #expect(response["content-type"] == "text/html")
            #expect(response["connection"] == "close")
            #expect(try client.receiveToEnd() == [])
            // Or it is waited for.
            client.close()
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `allowRequest is asked before the version and after the method`() async throws {
        try await withServer {
            $0.allowRequest = { _ in throw RequestRefused("asked") }
        } _: { server throws in
            #expect(try server.get("/engine.io/?EIO=3&transport=polling").text == #"{"code":4,"message":"asked"}"#)
            #expect(try server.post("/engine.io/?EIO=4&transport=polling", "").text == Self.badMethod)
            #expect(try server.get("/engine.io/?EIO=4&transport=websocket").text == Self.badRequest)
            #expect(try server.get("/engine.io/?EIO=4&transport=polling&sid=a").text == Self.sessionUnknown)
        }
    }

    @Test func `a polling request for a WebSocket session is refused and harms nothing`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openWebSocket(on: client)
            #expect(try server.get(server.polling(id)).text == Self.badRequest)
            #expect(try server.post(server.polling(id), "4x").text == Self.badRequest)
            #expect(try server.get(server.webSocket(id)).text == Self.badRequest)
            #expect(try server.post(server.webSocket(id), "4x").text == Self.badRequest)
            try client.sendText("4still here")
            #expect(try client.receiveText() == "4still here")
        }
    }

    @Test func `a plain request for WebSocket is refused for a session on polling, which goes on`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let poller = try server.client()
            try server.beginPoll(id, on: poller)
            // As a proxy sends it on that does not know WebSocket.
            for _ in 0..<4 {
                let response = try server.get(server.webSocket(id), [("Connection", "close")])
                #expect((response.status, response.text) == (400, Self.badRequest))
            }
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try poller.response().text == "4x")
        }
    }

    /// RFC 9110 7.8: a server may pass over what it does not speak.
    @Test(arguments: ["h2c", "IRC/6.9", "websocket/8"])
    func `an offer to switch to another protocol is passed over`(_ name: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let offer = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", name), ("HTTP2-Settings", "AAMAAABk")]
            let opened = try client.get(server.polling, offer)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(opened.status == 200 && opened["upgrade"] == nil)
            #expect(try client.post(server.polling(id), "4x", offer).text == "ok")
            #expect(try client.get("/", offer).status == 404)
            #expect(try client.get(server.polling(id)).text == "4x")
        }
    }

    @Test(arguments: [
        "permessage-deflate; client_max_window_bits", "x-webkit-deflate-frame", "__proto__; constructor=toString", "",
        ";;,=,;", "a; a; a=\"\\\"\", a", String(repeating: ",", count: 5_000),
        String(repeating: "a; b=c, ", count: 600),
    ])
    func `an offer of extensions is answered without any`(_ extensions: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let response = try client.upgrade(server.webSocket, [("Sec-WebSocket-Extensions", extensions)])
            #expect(response.status == 101 && response["sec-websocket-extensions"] == nil)
            _ = try client.receiveText()
            try client.sendText("4x")
            #expect(try client.receiveText() == "4x")
        }
    }

    @Test(arguments: ["PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
    func `another method for a session gets 500 and harms nothing`(_ method: String) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            let response = try server.request(method, server.polling(id))
            #expect(response.status == 500)
            #expect(response.body == [])
            #expect(try client.post(server.polling(id), "4x").text == "ok")
        }
    }

    @Test(arguments: [
        ("Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: c2hvcnQ=", 400),
        ("Sec-WebSocket-Version: 13", "X: y", 400), ("X: y", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 426),
    ])
    func `a malformed WebSocket handshake makes no session`(
        _ version: String, _ key: String, status: Int
    ) async throws {
        try await withServer { server throws in
            let client = try server.client()
            try client.send(
                "GET \(server.webSocket) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "\(version)\r\n\(key)\r\n\r\n")
            let response = try client.response()
            #expect(response.status == status)
            if status == 426 { #expect(response["sec-websocket-version"] == "13") }
            // Or it is waited for.
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a malformed upgrade of a session leaves it on polling`() async throws {
        try await withServer(loops: 4) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            for _ in 0..<4 {
                #expect(try server.upgrade(server.webSocket(id), [("Sec-WebSocket-Key", "again")]).status == 400)
            }
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            let webSocket = try server.client()
            try webSocket.openWebSocket(server.webSocket(id))
            try webSocket.sendText("2probe")
            #expect(try webSocket.receiveText() == "3probe")
        }
    }
}
