@testable import EngineIO
import Synchronization
import TestSupport
import Testing

/// What an application says about the requests of the engine, and adds to their answers.
@Suite(.timeLimit(.minutes(2))) struct EngineHooksTests {
    // MARK: The cookie

    @Test func `a polling handshake sets the cookie as the official server does, and nothing else does`() async throws {
        try await withServer {
            $0.cookie = SessionCookie()
        } _: { server throws in
            let client = try server.client()
            let opened = try client.get(server.polling)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(opened["set-cookie"] == "io=\(id); Path=/; HttpOnly; SameSite=Lax")
            #expect(try client.post(server.polling(id), "4x")["set-cookie"] == nil)
            #expect(try client.get(server.polling(id))["set-cookie"] == nil)
            #expect(try server.get("/engine.io/?EIO=4")["set-cookie"] == nil)
            #expect(try server.upgrade(server.webSocket)["set-cookie"] == nil)
            #expect(try server.upgrade(server.webSocket(id))["set-cookie"] == nil)
        }
        try await withServer { server throws in
            #expect(try server.get(server.polling)["set-cookie"] == nil)
        }
    }

    @Test func `every attribute is written, and an id has nothing in it that ends the cookie`() {
        let cookie = SessionCookie(
            name: "__Secure-sid", path: nil, domain: "example.com", sameSite: SessionCookie.SameSite.none,
            isHTTPOnly: false, isSecure: true, maxAge: .milliseconds(86_400_999))
        #expect(
            cookie.line(for: "a-b_C9")
                == "__Secure-sid=a-b_C9; Max-Age=86400; Domain=example.com; Secure; SameSite=None")
        #expect(
            SessionCookie(sameSite: nil).line(for: "a;b\r\n\"é %") == "io=a%3Bb%0D%0A%22%C3%A9%20%25; Path=/; HttpOnly")
    }

    @Test func `what no browser takes, or what is another attribute, is found`() {
        func fault(
            _ name: String = "io", path: String? = "/", domain: String? = nil,
            sameSite: SessionCookie.SameSite? = .lax, isSecure: Bool = false, maxAge: Duration? = nil
        ) -> String? {
            SessionCookie.fault(
                ofName: name, path: path, domain: domain, sameSite: sameSite, isSecure: isSecure, maxAge: maxAge)
        }
        #expect(fault() == nil)
        for name in ["", "a b", "a=b", "a;b", "a\r\nb", "é", "a\0"] { #expect(fault(name) != nil, "\(name)") }
        for path in ["", "a", "/;Domain=evil.example", "/\r\nX: y", "/é"] {
            #expect(fault(path: path) != nil, "\(path)")
        }
        for domain in ["", "a b", "a;b", "https://a.example", "a.example:80", "*.a.example", "a\n"] {
            #expect(fault(domain: domain) != nil, "\(domain)")
        }
        #expect(fault(domain: "a.example") == nil)
        #expect(fault(sameSite: SessionCookie.SameSite.none) != nil)
        #expect(fault(sameSite: SessionCookie.SameSite.none, isSecure: true) == nil)
        #expect(fault(maxAge: .seconds(-1)) != nil)
        #expect(fault("__Secure-io") != nil)
        #expect(fault("__Host-io", isSecure: true) == nil)
        #expect(fault("__Host-io", path: "/a", isSecure: true) != nil)
        #expect(fault("__host-io", domain: "a.example", isSecure: true) != nil)
    }

    // MARK: Headers

    @Test func `initialHeaders are in the first answer to a session, and headers in all of them`() async throws {
        try await withServer(loops: 4) {
            $0.initialHeaders = { request in [("X-First", request.query["transport"] ?? "")] }
            $0.headers = { request in [("X-Each", request.method), ("Cache-Control", "private"), ("Vary", "Cookie")] }
            $0.cors = .origins("https://a.example")
        } _: { server throws in
            let opened = try server.get(server.polling)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(opened["x-first"] == "polling")
            #expect(opened["x-each"] == "GET")
            #expect(opened["cache-control"] == "private")
            #expect(opened["vary"] == "Origin, Cookie")
            // From any loop.
            for _ in 0..<4 {
                let posted = try server.post(server.polling(id), "4x")
                #expect((posted["x-each"], posted["x-first"]) == ("POST", nil))
                let polled = try server.get(server.polling(id))
                #expect((polled["x-each"], polled["x-first"], polled.text) == ("GET", nil, "4x"))
            }
            let upgraded = try server.upgrade(server.webSocket(id))
            #expect((upgraded.status, upgraded["x-each"], upgraded["x-first"]) == (101, "GET", nil))
            let webSocket = try server.upgrade(server.webSocket)
            #expect((webSocket.status, webSocket["x-each"], webSocket["x-first"]) == (101, "GET", "websocket"))
            let refused = try server.get(server.polling("unknown"))
            #expect((refused.status, refused["x-each"]) == (400, nil))
        }
    }

    @Test func `further cookies stand beside the session's, over either transport`() async throws {
        try await withServer {
            $0.cookie = SessionCookie()
            $0.initialHeaders = { _ in [("Set-Cookie", "first=1")] }
            $0.headers = { _ in [("Set-Cookie", "each=2")] }
        } _: { server throws in
            let opened = try server.get(server.polling)
            let id = try #require(TestServer.sessionID(in: opened.text))
            func cookies(_ response: RawResponse) -> Set<String> {
                Set(response.fields.filter { $0.name == "set-cookie" }.map(\.value))
            }
            #expect(cookies(opened) == ["io=\(id); Path=/; HttpOnly; SameSite=Lax", "first=1", "each=2"])
            #expect(cookies(try server.upgrade(server.webSocket)) == ["first=1", "each=2"])
            #expect(cookies(try server.post(server.polling(id), "6")) == ["each=2"])
        }
    }

    @Test func `a field that would split an answer, or undo a handshake, is left out and said`() async throws {
        try await withServer {
            $0.headers = { _ in
                [
                    ("X-Evil", "a\r\nSet-Cookie: b=c"), ("X: y\r\nZ", "a"), ("Content-Length", "3"),
                    ("Connection", "close"),
                    ("Sec-WebSocket-Accept", "wrong"), ("X-Good", "yes"),
                ]
            }
        } _: { server throws in
            let client = try server.client()
            let opened = try client.get(server.polling)
            let id = try #require(TestServer.sessionID(in: opened.text))
            let upgraded = try server.upgrade(server.webSocket(id))
            #expect(upgraded["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(upgraded["connection"] == "Upgrade")
            for answer in [opened, upgraded] {
                #expect(answer["x-good"] == "yes")
                #expect(answer["x-evil"] == nil)
                #expect(answer["set-cookie"] == nil)
                #expect(!answer.fields.contains { $0.name.hasPrefix("x:") || $0.name == "z" })
            }
            #expect(server.log.lines.contains { $0.hasPrefix("warning: a field of a response is not sent") })
        }
    }

    // MARK: Middlewares

    @Test func `middlewares see each request, in order, and add to its answer, whatever that says`() async throws {
        let seen = Mutex<[String]>([])
        try await withServer(loops: 4) {
            for number in 1...2 {
                $0.middlewares.append { request in
                    await Task.yield()
                    seen.withLock { $0.append("\(number) \(request.method) \(request.query["sid"] == nil)") }
                    return [
                        ("X-Seen-\(number)", "yes"), ("Set-Cookie", "a\(number)=b"), ("X-Last", "middleware \(number)"),
                    ]
                }
            }
            $0.cookie = SessionCookie()
            $0.initialHeaders = { _ in [("x-last", "initialHeaders")] }
        } _: { server throws in
            let client = try server.client()
            let opened = try client.get(server.polling)
            let id = try #require(TestServer.sessionID(in: opened.text))
            #expect(opened["set-cookie"] == "a1=b, a2=b, io=\(id); Path=/; HttpOnly; SameSite=Lax")
            // Once, from whoever said it last.
            #expect(opened["x-last"] == "initialHeaders")
            // With its body, which may be on its way when the middleware is asked.
            let posted = try client.post(server.polling(id), "4" + String(repeating: "x", count: 200_000))
            #expect((posted.text, posted["x-seen-2"], posted["x-last"]) == ("ok", "yes", "middleware 2"))
            #expect(try client.get(server.polling(id)).text.utf8.count == 200_001)
            let refused = try client.get("/engine.io/?EIO=4")
            #expect((refused.status, refused["x-seen-1"]) == (400, "yes"))
            #expect(try server.upgrade(server.webSocket(id))["x-seen-2"] == "yes")
            #expect(try server.get("/none")["x-seen-1"] == nil)
            let expected = [("GET", true), ("POST", false), ("GET", false), ("GET", true), ("GET", false)].flatMap {
                ["1 \($0.0) \($0.1)", "2 \($0.0) \($0.1)"]
            }
            #expect(seen.withLock { $0 } == expected)
        }
    }

    @Test func `a middleware refuses any request, with its words or with none`() async throws {
        struct Internal: Error {}
        try await withServer {
            $0.middlewares.append { request in
                if let words = request.headers["x-refuse"] { throw RequestRefused(words) }
                if request.headers["x-fail"] != nil { throw Internal() }
                return [("X-Frame-Options", "DENY")]
            }
            $0.middlewares.append { request in
                if request.headers["x-late"] != nil { throw RequestRefused("late") }
                return []
            }
            $0.cors = .origins("https://a.example")
        } _: { server throws in
            let id = try server.openPolling(on: try server.client())
            for target in [server.polling, server.polling(id)] {
                let refused = try server.get(target, [("X-Refuse", "no \"you\""), ("Origin", "https://a.example")])
                #expect(refused.status == 403)
                #expect(refused.text == #"{"code":4,"message":"no \"you\""}"#)
                #expect(refused["access-control-allow-origin"] == "https://a.example")
            }
            let late = try server.get(server.polling, [("X-Late", "yes")])
            #expect((late.status, late["x-frame-options"]) == (403, "DENY"))
            let failed = try server.post(server.polling(id), "4x", [("X-Fail", "yes")])
            #expect((failed.status, failed.text) == (400, #"{"code":3,"message":"Bad request"}"#))
            #expect(server.log.lines.contains { $0.hasPrefix("error: a middleware of the engine failed") })
            let webSocket = try server.upgrade(server.webSocket(id), [("X-Refuse", "no")])
            #expect((webSocket.status, webSocket.text) == (400, "no"))
            // The preflight is answered before.
            let preflight = try server.request(
                "OPTIONS", server.polling, [("Origin", "https://a.example"), ("X-Refuse", "no")])
            #expect((preflight.status, preflight["x-frame-options"]) == (204, nil))
            // The session is there still.
            #expect(try server.post(server.polling(id), "4x").text == "ok")
        }
    }

    @Test func `a client that leaves while a middleware decides about it cancels it`() async throws {
        let journal = Journal()
        try await withServer {
            $0.middlewares.append { _ in
                journal.append("asked")
                do { try await Task.sleep(for: .seconds(3600)) } catch { journal.append("\(type(of: error))") }
                return []
            }
        } _: { server throws in
            let client = try server.client()
            try client.sendRequest("POST", server.polling("x"), body: Array("4x".utf8))
            #expect(try journal.next() == "asked")
            client.close()
            #expect(try journal.next() == "CancellationError")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `a body over the limit is refused behind a middleware, too, and none of it is used`() async throws {
        try await withServer(loops: 4) {
            $0.maxHttpBufferSize = 1000
            $0.middlewares.append { _ in
                await Task.yield()
                return [("X-Seen", "yes")]
            }
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            for _ in 0..<4 {
                let refused = try server.post(server.polling(id), "4" + String(repeating: "a", count: 1000))
                #expect((refused.status, refused["x-seen"]) == (413, "yes"))
                let most = String(repeating: "4", count: 1000)
                let chunked = try server.client()
                try chunked.sendRequest(
                    "POST", server.polling(id), [("Transfer-Encoding", "chunked")],
                    body: Array("3E8\r\n\(most)\r\n1\r\n4\r\n".utf8))
                #expect(try chunked.response().status == 413)
            }
            #expect(try client.post(server.polling(id), "4still here").text == "ok")
            for line in ["open", "text still here"] { #expect(try server.journal.next() == line) }
        }
    }

    @Test func `requests that are pipelined wait for the middlewares of the one before`() async throws {
        try await withServer(loops: 4) {
            $0.middlewares.append { _ in
                await Task.yield()
                return []
            }
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            var bytes: [UInt8] = []
            for number in 0..<20 {
                bytes += RawClient.requestBytes("POST", server.polling(id), body: Array("4\(number)".utf8))
            }
            // In pieces that end anywhere.
            for start in stride(from: 0, to: bytes.count, by: 37) {
                try client.send(Array(bytes[start..<min(start + 37, bytes.count)]))
            }
            for _ in 0..<20 { #expect(try client.response().text == "ok") }
            #expect(try client.get(server.polling(id)).text == (0..<20).map { "4\($0)" }.joined(separator: "\u{1E}"))
        }
    }

    // MARK: CORS

    @Test func `the methods and the status of a preflight's answer can be chosen`() async throws {
        var cors = CORSPolicy.origins("https://a.example")
        cors.methods = ["GET", "POST"]
        cors.successStatus = 200
        try await withServer { [cors] in
            $0.cors = cors
        } _: { [cors] server throws in
            server.engine.http.put("/x", cors: cors) { _ in .text("put") }
            let asked = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")]
            for target in [server.polling, "/x"] {
                let response = try server.request("OPTIONS", target, asked)
                #expect(response.status == 200)
                #expect(response["access-control-allow-methods"] == "GET,POST")
                #expect(response["content-length"] == "0")
            }
        }
    }

    // MARK: The initial packet

    @Test func `the initial packet comes with the open packet, before what onConnection sends`() async throws {
        try await withServer(
            { $0.initialPacket = .text("first") }, onConnection: { socket, _ in socket.send(.text("second")) },
            { server throws in
                let client = try server.client()
                let opened = try client.get(server.polling)
                let id = try #require(TestServer.sessionID(in: opened.text))
                let packets = opened.text.split(separator: "\u{1E}").map(String.init)
                #expect(packets.count == 2 && packets.last == "4first")
                #expect(try client.get(server.polling(id)).text == "4second")
                let webSocket = try server.client()
                try server.openWebSocket(on: webSocket)
                #expect(try webSocket.receiveText() == "4first")
                #expect(try webSocket.receiveText() == "4second")
            })
    }

    @Test func `the initial packet can be bytes, and is what it has to be for each client`() async throws {
        try await withServer {
            $0.initialPacket = .binary([1, 2, 3])
            $0.allowEIO3 = true
            $0.perMessageDeflate = .init()
            $0.generateID = { $0.query["id"] ?? "" }
        } _: { server throws in
            let polling = try server.get("\(server.polling)&id=a")
            #expect(polling.text.hasSuffix("}\u{1E}bAQID"))
            let webSocket = try server.client()
            try webSocket.openWebSocket("\(server.webSocket)&id=b")
            _ = try webSocket.receiveText()
            #expect(try webSocket.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
            // Engine.IO 3: a payload with bytes in it is bytes, but for who wants text; each message has its type.
            let old = try server.get("/engine.io/?EIO=3&transport=polling&id=c")
            #expect(old["content-type"] == "application/octet-stream")
            #expect(old.body.suffix(7) == [1, 4, 255, 4, 1, 2, 3])
            let text = try server.get("/engine.io/?EIO=3&transport=polling&b64=1&id=d")
            #expect(text.text.hasSuffix("}6:b4AQID"))
            let script = try server.get("\(server.polling)&j=0&id=e", [("Sec-Fetch-Site", "same-origin")])
            #expect(script.text.hasPrefix("___eio[0](") && script.text.contains(#"bAQID"#))
            let typed = try server.client()
            try typed.openWebSocket("/engine.io/?EIO=3&transport=websocket&id=f")
            _ = try typed.receiveText()
            #expect(try typed.receiveFrame() == RawFrame(.binary, [4, 1, 2, 3]))
        }
    }

    // MARK: Observers

    @Test func `a socket is told of each WebSocket that begins to take it over`() async throws {
        try await withServer(
            onConnection: { socket, journal in
                socket.onUpgrading {
                    journal.append("upgrading")
                    socket.send(.text("upgrading"))
                }
                socket.onUpgrade { journal.append("upgraded") }
            },
            { server throws in
                let id = try server.openPolling(on: try server.client())
                let first = try server.client()
                try first.openWebSocket(server.webSocket(id))
                try first.sendText("2probe")
                #expect(try first.receiveText() == "3probe")
                #expect(try server.journal.next() == "upgrading")
                try first.sendClose()
                _ = try first.receiveToEnd()
                let second = try server.client()
                try second.openWebSocket(server.webSocket(id))
                try second.send(RawClient.textFrame("2probe") + RawClient.textFrame("5"))
                #expect(try second.receiveText() == "3probe")
                for _ in 0..<2 { #expect(try second.receiveText() == "4upgrading") }
                #expect(try server.journal.next() == "upgrading")
                #expect(try server.journal.next() == "upgraded")
            })
    }

    @Test func `a server says how many are connected, and a socket when it goes on over WebSocket`() async throws {
        try await withServer(
            onConnection: { socket, journal in
                socket.onUpgrade {
                    journal.append("upgraded")
                    socket.send(.text("upgraded"))
                }
                socket.onClose { _ in journal.append("close") }
            },
            { server throws in
                let id = try server.openPolling(on: try server.client())
                let webSocket = try server.client()
                try webSocket.openWebSocket(server.webSocket(id))
                try webSocket.send(RawClient.textFrame("2probe") + RawClient.textFrame("5"))
                #expect(try webSocket.receiveText() == "3probe")
                #expect(try webSocket.receiveText() == "4upgraded")
                #expect(try server.journal.next() == "upgraded")
                let other = try server.client()
                try server.openWebSocket(on: other)
                let counts = Journal()
                startOffPool { counts.append("\(await server.engine.connectionCount)") }
                #expect(try counts.next() == "2")
                webSocket.close()
                #expect(try server.journal.next() == "close")
            })
    }
}
