import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.3.
@Suite struct CORSTests {
    private static let page = [("Origin", "https://a.example")]
    private static let stranger = [("Origin", "https://b.example")]

    @Test func `no field is sent when only the same origin may connect`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let opened = try client.get(server.polling, Self.page)
            let id = try #require(TestServer.sessionID(in: opened.text))
            let refused = try client.get("/engine.io/?EIO=4", Self.page)
            let posted = try client.post(server.polling(id), "4x", Self.page)
            for response in [opened, refused, posted] {
                #expect(!response.fields.contains { $0.name.hasPrefix("access-control") })
                #expect(response["vary"] == nil)
            }
        }
    }

    @Test func `every response to a listed origin carries its name`() async throws {
        try await withServer {
            $0.cors = .origins("https://a.example", "http://localhost:5173")
            $0.maxHttpBufferSize = 1000
            $0.files = { name, _ in name == "socket.io.js" ? .redirect(to: "https://cdn.example/") : nil }
        } _: { server throws in
            let client = try server.client()
            var responses = [try client.get(server.polling, Self.page)]
            let id = try #require(TestServer.sessionID(in: responses[0].text))
            responses.append(try client.post(server.polling(id), "4x", Self.page))
            responses.append(try client.get(server.polling(id), Self.page))
            responses.append(try client.get("/engine.io/?EIO=4", Self.page))
            responses.append(try client.get("/engine.io/socket.io.js", Self.page))
            try client.sendRequest("PUT", server.polling(id), Self.page)
            responses.append(try client.response())
            responses.append(try server.post(server.polling(id), String(repeating: "4", count: 1001), Self.page))
            for response in responses {
                #expect(response["access-control-allow-origin"] == "https://a.example", "\(response)")
                #expect(response["vary"] == "Origin", "\(response)")
                #expect(response["access-control-allow-credentials"] == nil)
            }
            #expect(responses.map(\.status) == [200, 200, 200, 400, 302, 500, 413])
        }
    }

    @Test func `another origin gets the body and no permission`() async throws {
        try await withServer {
            $0.cors = .origins("https://a.example")
        } _: { server throws in
            for fields in [Self.stranger, [("Origin", "null")], []] {
                let response = try server.get(server.polling, fields)
                #expect(response.status == 200)
                #expect(response["access-control-allow-origin"] == nil)
                #expect(response["vary"] == "Origin")
            }
        }
    }

    @Test func `any origin is a star, or the origin's name with credentials`() async throws {
        try await withServer {
            $0.cors = .any
            $0.cors.exposedHeaders = ["X-One", "X-Two"]
        } _: { server throws in
            let response = try server.get(server.polling, Self.page)
            #expect(response["access-control-allow-origin"] == "*")
            #expect(response["access-control-expose-headers"] == "X-One,X-Two")
        }
        try await withServer {
            $0.cors = .any
            $0.cors.allowsCredentials = true
        } _: { server throws in
            let response = try server.get(server.polling, Self.page)
            #expect(response["access-control-allow-origin"] == "https://a.example")
            #expect(response["access-control-allow-credentials"] == "true")
            #expect(response["vary"] == "Origin")
        }
    }

    @Test func `a preflight is answered without looking at a session`() async throws {
        try await withServer {
            $0.cors = .origins("https://a.example")
            $0.cors.maxAge = .seconds(600)
        } _: { server throws in
            for target in [server.polling, server.polling("unknown"), "/engine.io/"] {
                let response = try server.request(
                    "OPTIONS", target,
                    Self.page + [
                        ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"),
                    ])
                #expect(response.status == 204)
                #expect(response["access-control-allow-origin"] == "https://a.example")
                #expect(response["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE")
                #expect(response["access-control-allow-headers"] == "content-type")
                #expect(response["access-control-max-age"] == "600")
                #expect(
                    Set((response["vary"] ?? "").split(separator: ", ")) == [
                        "Origin", "Access-Control-Request-Headers",
                    ])
                #expect(response["content-length"] == nil)
            }
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a preflight that asks for no headers is not remembered for one that does`() async throws {
        for (cors, vary) in [
            (CORSPolicy.origins("https://a.example"), ["Origin", "Access-Control-Request-Headers"]),
            (CORSPolicy.any, ["Access-Control-Request-Headers"]),
        ] {
            try await withServer {
                $0.cors = cors
            } _: { server throws in
                let fields = Self.page + [("Access-Control-Request-Method", "POST")]
                let response = try server.request("OPTIONS", server.polling, fields)
                #expect(response.status == 204)
                #expect(response["access-control-allow-headers"] == nil)
                #expect(Set((response["vary"] ?? "").split(separator: ", ").map(String.init)) == Set(vary))
            }
        }
    }

    @Test func `within a session each answer is for the origin of its own request`() async throws {
        try await withServer(loops: 4) {
            $0.cors = .origins("https://a.example", "https://c.example")
            $0.cors.allowsCredentials = true
            $0.maxHttpBufferSize = 1000
        } _: { server throws in
            let client = try server.client()
            let opened = try client.get(server.polling, Self.page)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(opened["access-control-allow-origin"] == "https://a.example")
            for (fields, allowed) in [
                (Self.page, "https://a.example"), (Self.stranger, nil),
                ([("Origin", "https://c.example")], "https://c.example"),
                ([], nil),
            ] as [([(String, String)], String?)] {
                var responses = [try client.post(server.polling(id), "4x", fields)]
                responses.append(try client.get(server.polling(id), fields))
                #expect(responses[1].text == "4x")
                // One that is held, and answered later.
                let poller = try server.client()
                try poller.sendRequest("GET", server.polling(id), fields)
                #expect(try client.post(server.polling(id), "4y").text == "ok")
                responses.append(try poller.response())
                #expect(responses[2].text == "4y")
                try client.sendRequest("PUT", server.polling(id), fields)
                responses.append(try client.response())
                responses.append(try server.post(server.polling(id), String(repeating: "4", count: 1001), fields))
                #expect(responses.map(\.status) == [200, 200, 200, 500, 413])
                for response in responses {
                    #expect(response["access-control-allow-origin"] == allowed, "\(response)")
                    #expect(response["vary"] == "Origin", "\(response)")
                    #expect(response["access-control-allow-credentials"] == (allowed == nil ? nil : "true"))
                }
            }
        }
    }

    @Test func `any origin with credentials varies by the origin, also where there is none`() async throws {
        try await withServer {
            $0.cors = .any
            $0.cors.allowsCredentials = true
        } _: { server throws in
            let client = try server.client()
            let response = try client.get(server.polling)
            let id = try #require(TestServer.sessionID(in: response.text))
            for response in [response, try client.post(server.polling(id), "4x"), try client.get(server.polling(id))] {
                #expect(response["vary"] == "Origin")
                #expect(response["access-control-allow-origin"] == nil)
            }
        }
    }

    @Test func `names of origins are compared by their bytes`() async throws {
        try await withServer {
            $0.cors = .origins("https://k.example")
        } _: { server throws in
            #expect(
                try server.get(server.polling, [("Origin", "https://K.EXAMPLE")])["access-control-allow-origin"] != nil)
            // The sign for kelvin, whose small letter is k.
            let kelvin = [("Origin", "https://\u{212A}.example")]
            #expect(try server.get(server.polling, kelvin)["access-control-allow-origin"] == nil)
            #expect(try server.upgrade(server.webSocket, kelvin).status == 403)
        }
    }

    @Test func `allowed headers can be listed`() async throws {
        try await withServer {
            $0.cors = .any
            $0.cors.allowedHeaders = ["X-Token"]
        } _: { server throws in
            let response = try server.request(
                "OPTIONS", server.polling, Self.page + [("Access-Control-Request-Headers", "x-other")])
            #expect(response["access-control-allow-headers"] == "X-Token")
        }
    }
}

/// Protocol.md 1.3: browsers do not check WebSocket handshakes, so the server does.
@Suite struct OriginTests {
    @Test(arguments: [
        ("http://localhost", "localhost"), ("http://localhost:80", "localhost"), ("http://localhost", "localhost:80"),
        ("https://example.com", "example.com:443"), ("https://EXAMPLE.com", "example.COM"),
        ("https://example.com", "example.com"), ("http://127.0.0.1:3000", "127.0.0.1:3000"),
        ("http://[::1]:3000", "[::1]:3000"), ("http://[::1]", "[::1]"), ("ws://localhost:3000", "localhost:3000"),
        ("ws://localhost", "localhost:80"), ("wss://example.com", "example.com:443"),
        ("WSS://example.com", "example.com"),
        ("http://localhost:3000", "localhost"),
    ])
    func `a page of the same origin may connect`(_ origin: String, _ host: String) async throws {
        try await withServer { server throws in
            #expect(try server.upgrade(server.webSocket, [("Origin", origin), ("Host", host)]).status == 101)
        }
    }

    @Test(arguments: [
        ("http://evil.example", "localhost"), ("http://localhost.evil.example", "localhost"),
        ("http://localhost:81", "localhost:80"), ("null", "localhost"), ("localhost", "localhost"),
        ("", "localhost"), ("http://", "localhost"), ("http://localhost@evil.example", "localhost"),
        ("http://evil.example/http://localhost", "localhost"), ("http://[::1]:81", "[::1]:80"),
        ("ftp://localhost", "localhost"), ("ws://localhost:81", "localhost:80"), ("wss://localhost", "localhost:80"),
        ("http://localhost/", "localhost"),
    ])
    func `a page of another origin may not, before and after a session began`(
        _ origin: String, _ host: String
    ) async throws {
        try await withServer { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            for target in [server.webSocket, server.webSocket(id)] {
                let response = try server.upgrade(target, [("Origin", origin), ("Host", host)])
                #expect(response.status == 403)
                #expect(response.text == "Forbidden")
                #expect(response["connection"] == "close")
            }
            try server.expectCensus(sessions: 1, connections: 1)
        }
    }

    @Test func `a request without an origin does not come from a page and passes`() async throws {
        try await withServer { server throws in
            try server.openWebSocket(on: try server.client())
        }
    }

    @Test func `origins that cors allows may connect, others still not`() async throws {
        try await withServer {
            $0.cors = .origins("https://a.example")
        } _: { server throws in
            #expect(try server.upgrade(server.webSocket, [("Origin", "https://a.example")]).status == 101)
            #expect(try server.upgrade(server.webSocket, [("Origin", "https://A.EXAMPLE")]).status == 101)
            #expect(try server.upgrade(server.webSocket, [("Origin", "http://localhost")]).status == 101)
            #expect(try server.upgrade(server.webSocket, [("Origin", "http://a.example")]).status == 403)
            #expect(try server.upgrade(server.webSocket, [("Origin", "https://a.example.evil")]).status == 403)
        }
        try await withServer {
            $0.cors = .any
        } _: { server throws in
            #expect(try server.upgrade(server.webSocket, [("Origin", "https://b.example")]).status == 101)
        }
    }

    @Test func `an origin with control bytes is no request`() async throws {
        try await withServer { server throws in
            for origin in ["http://a\u{1}", "http://a\rX: y", "http://a\nX: y", "http://a\0", "http://a\u{7F}"] {
                #expect(try server.get(server.polling, [("Origin", origin)]).status == 400)
                #expect(try server.upgrade(server.webSocket, [("Origin", origin)]).status == 400)
            }
            try server.expectUnharmed()
        }
    }
}
