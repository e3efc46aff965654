import EngineIO
import Synchronization
import TestSupport
import Testing

@Suite struct HandshakeTests {
    @Test func `a polling handshake is answered with the open packet`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            let response = try client.get(server.polling)
            let id = try #require(TestServer.sessionID(in: response.text))
            #expect(response.status == 200)
            #expect(
                response.text
                    == #"0{"sid":"\#(id)","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"#
                    + #""maxPayload":1000000}"#)
            #expect(response["content-type"] == "text/plain; charset=UTF-8")
            #expect(response["cache-control"] == "no-store")
            #expect(response["connection"] == nil)
            #expect(id.utf8.count == 20)
            #expect(id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            #expect(try server.journal.next() == "open")
        }
    }

    @Test func `a WebSocket handshake is answered with 101 and the open packet`() async throws {
        try await withServer {
            $0.pingInterval = .milliseconds(300)
            $0.pingTimeout = .milliseconds(200)
            $0.maxHttpBufferSize = 1234
        } _: { server throws in
            let client = try server.client()
            let response = try client.upgrade(server.webSocket)
            #expect(response.status == 101)
            #expect(response["upgrade"] == "websocket")
            #expect(response["connection"] == "Upgrade")
            #expect(response["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(response["sec-websocket-extensions"] == nil)
            let text = try client.receiveText()
            let id = try #require(TestServer.sessionID(in: text))
            #expect(
                text
                    == #"0{"sid":"\#(id)","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1234}"#)
        }
    }

    @Test func `the first subprotocol that is offered is answered, for a session and an upgrade`() async throws {
        try await withServer(loops: 4) { server throws in
            let id = try server.openPolling(on: try server.client())
            for target in [server.webSocket, server.webSocket(id)] {
                let response = try server.upgrade(target, [("Sec-WebSocket-Protocol", "abc, def")])
                #expect(response.status == 101)
                #expect(response["sec-websocket-protocol"] == "abc")
            }
            #expect(try server.upgrade(server.webSocket)["sec-websocket-protocol"] == nil)
            #expect(try server.upgrade(server.webSocket, [("Sec-WebSocket-Protocol", "a b")]).status == 400)
            #expect(try server.upgrade(server.webSocket, [("Sec-WebSocket-Protocol", "")]).status == 400)
        }
    }

    @Test func `messages sent by onConnection follow the open packet`() async throws {
        try await withServer(onConnection: { socket, _ in
            socket.send(.text("first"))
            socket.send(.binary([1, 2, 3]))
        }) { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            #expect(try client.get(server.polling(id)).text == "4first\u{1E}bAQID")
            let webSocket = try server.client()
            try server.openWebSocket(on: webSocket)
            #expect(try webSocket.receiveText() == "4first")
            #expect(try webSocket.receiveFrame() == RawFrame(.binary, [1, 2, 3]))
        }
    }

    @Test func `what follows a WebSocket handshake in the same segment is read`() async throws {
        try await withServer(loops: 4) { server throws in
            for _ in 0..<8 {
                let client = try server.client()
                let request = RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields)
                try client.send(request + RawClient.textFrame("4early"))
                #expect(try client.response().status == 101)
                #expect(TestServer.sessionID(in: try client.receiveText()) != nil)
                #expect(try client.receiveText() == "4early")
            }
        }
    }

    @Test(arguments: [
        ("/engine.io/", true), ("/engine.io/anything", true), ("/engine.io/%61", true), ("/engine.io", false),
        ("/engine.iox/", false), ("/", false), ("/x/engine.io/", false), ("/ENGINE.IO/", false),
    ])
    func `the path and whatever is below it belong to the engine`(_ path: String, isEngine: Bool) async throws {
        try await withServer { server throws in
            let response = try server.get("\(path)?EIO=4&transport=polling")
            #expect(response.status == (isEngine ? 200 : 404))
            #expect((TestServer.sessionID(in: response.text) != nil) == isEngine)
        }
    }

    @Test(arguments: ["/custom", "/custom/"])
    func `the path can be chosen, with a slash or without`(_ path: String) async throws {
        try await withServer {
            $0.path = path
        } _: { server throws in
            #expect(try server.get("/custom/?EIO=4&transport=polling").status == 200)
            #expect(try server.get("/custom?EIO=4&transport=polling").status == 404)
            #expect(try server.get("/engine.io/?EIO=4&transport=polling").status == 404)
        }
    }

    @Test(arguments: ["/custom", "/custom/"])
    func `without a slash behind it the path itself is the engine's`(_ path: String) async throws {
        try await withServer {
            $0.path = path
            $0.addTrailingSlash = false
            $0.files = { name, _ in name == "socket.io.js" ? .text("script") : nil }
        } _: { server throws in
            for target in ["/custom", "/custom/", "/custom/x", "/customs"] {
                let response = try server.get("\(target)?EIO=4&transport=polling")
                let id = try #require(TestServer.sessionID(in: response.text), "\(target)")
                #expect(try server.post("\(target)?EIO=4&transport=polling&sid=\(id)", "4x").text == "ok")
            }
            #expect(try server.upgrade("/custom?EIO=4&transport=websocket").status == 101)
            #expect(try server.get("/custom/socket.io.js").text == "script")
            #expect(try server.get("/cust?EIO=4&transport=polling").status == 404)
        }
    }

    @Test func `the path is compared by its bytes`() async throws {
        try await withServer { server throws in
            // A combining accent behind the slash is one character with it to Swift, and a byte of the rest on the wire.
            #expect(try server.get("/engine.io/%CC%81?EIO=4&transport=polling").status == 200)
        }
    }

    @Test func `an empty sid is none`() async throws {
        try await withServer { server throws in
            let client = try server.client()
            #expect(TestServer.sessionID(in: try client.get(server.polling + "&sid=").text) != nil)
            #expect(TestServer.sessionID(in: try client.get(server.polling + "&sid").text) != nil)
            #expect(try server.upgrade(server.webSocket + "&sid=").status == 101)
            #expect(try client.post(server.polling + "&sid=", "4x").text == RefusalTests.badMethod)
        }
    }

    @Test func `only the transports that are enabled are spoken`() async throws {
        try await withServer {
            $0.transports = [.webSocket]
        } _: { server throws in
            let response = try server.get(server.polling)
            #expect(response.status == 400)
            #expect(response.text == #"{"code":0,"message":"Transport unknown"}"#)
            try server.expectUnharmed()
        }
        try await withServer {
            $0.transports = [.polling]
        } _: { server throws in
            let client = try server.client()
            #expect(try client.get(server.polling).text.contains(#""upgrades":[]"#))
            let response = try server.upgrade(server.webSocket)
            #expect(response.status == 400)
            #expect(response.text == "Transport unknown")
        }
    }

    @Test func `no upgrade is offered when upgrades are off`() async throws {
        try await withServer {
            $0.allowUpgrades = false
        } _: { server throws in
            #expect(try server.get(server.polling).text.contains(#""upgrades":[]"#))
            try server.openWebSocket(on: try server.client())
        }
    }

    @Test func `the request that began a session can be read`() async throws {
        try await withServer(onConnection: { socket, journal in
            let request = socket.request
            journal.append(request.method + " " + request.path)
            journal.append(request.headers["x-APP"] ?? "none")
            journal.append(request.query["token"] ?? "none")
            journal.append(request.remoteAddress)
        }) { server throws in
            let target = "\(server.webSocket)&token=a%20b+c&token=d"
            try server.client().openWebSocket(target, [("X-App", "seven")])
            #expect(try server.journal.next() == "GET /engine.io/")
            #expect(try server.journal.next() == "seven")
            #expect(try server.journal.next() == "a b c")
            #expect(try server.journal.next() == "127.0.0.1")
        }
    }
}

@Suite struct SessionIDTests {
    @Test func `ids of the application are used, whichever loop they belong to`() async throws {
        let count = Mutex(0)
        try await withServer(loops: 4) {
            $0.generateID = { _ in
                "custom-\(count.withLock { count in count += 1; return count })"
            }
        } _: { server throws in
            for index in stride(from: 1, through: 31, by: 2) {
                let client = try server.client()
                #expect(try server.openPolling(on: client) == "custom-\(index)")
                #expect(try client.post(server.polling("custom-\(index)"), "4hello").text == "ok")
                #expect(try client.get(server.polling("custom-\(index)")).text == "4hello")
                let webSocket = try server.client()
                #expect(try server.openWebSocket(on: webSocket) == "custom-\(index + 1)")
                try webSocket.sendText("4hello")
                #expect(try webSocket.receiveText() == "4hello")
            }
            try server.expectCensus(sessions: 16, connections: 0)
        }
    }

    @Test func `an id that cannot be made refuses the request`() async throws {
        struct Empty: Error {}
        try await withServer {
            $0.generateID = { _ in
                await Task.yield()
                throw Empty()
            }
        } _: { server throws in
            let response = try server.get(server.polling)
            #expect(response.status == 400)
            #expect(response.text == #"{"code":3,"message":"Bad request"}"#)
            #expect(try server.upgrade(server.webSocket).text == "Bad request")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `an id that is in use refuses the request and leaves its session alone`() async throws {
        try await withServer(loops: 4) {
            $0.generateID = { $0.query["id"] ?? "none" }
        } _: { server throws in
            let client = try server.client()
            #expect(TestServer.sessionID(in: try client.get("\(server.polling)&id=one").text) == "one")
            for _ in 0..<4 {
                let other = try server.client()
                #expect(try other.get("\(server.polling)&id=one").text == #"{"code":3,"message":"Bad request"}"#)
                #expect(try server.upgrade("\(server.webSocket)&id=one").text == "Bad request")
            }
            #expect(try client.post(server.polling("one"), "4x").text == "ok")
            #expect(try client.get(server.polling("one")).text == "4x")
        }
    }

    @Test func `an id with odd characters works when it is percent-encoded`() async throws {
        try await withServer(loops: 4) {
            $0.generateID = { _ in #"a"b\c&d=é/ "# }
        } _: { server throws in
            let client = try server.client()
            #expect(try client.get(server.polling).text.hasPrefix(#"0{"sid":"a\"b\\c&d=é/ ","#))
            let response = try client.post(server.polling("a%22b%5Cc%26d%3D%C3%A9%2F%20"), "4x")
            #expect(response.text == "ok")
        }
    }
}

@Suite struct AllowRequestTests {
    @Test func `a refusal's words reach the client, with 403 over polling and 400 over WebSocket`() async throws {
        try await withServer {
            $0.allowRequest = { _ in
                await Task.yield()
                throw RequestRefused(#"no "entry""#)
            }
        } _: { server throws in
            let response = try server.get(server.polling)
            #expect(response.status == 403)
            #expect(response.text == #"{"code":4,"message":"no \"entry\""}"#)
            let upgrade = try server.upgrade(server.webSocket)
            #expect(upgrade.status == 400)
            #expect(upgrade.text == #"no "entry""#)
            #expect(upgrade["connection"] == "close")
            try server.expectCensus(sessions: 0, connections: 0)
        }
    }

    @Test func `another error refuses without telling why`() async throws {
        struct Secret: Error {}
        try await withServer {
            $0.allowRequest = { _ in throw Secret() }
        } _: { server throws in
            #expect(try server.get(server.polling).text == #"{"code":4,"message":"Forbidden"}"#)
            #expect(try server.upgrade(server.webSocket).text == "Forbidden")
        }
    }

    @Test func `it is asked about a session once, and about its requests no more`() async throws {
        let asked = Mutex<[String]>([])
        try await withServer(loops: 4) {
            $0.allowRequest = { request in
                let transport = request.query["transport"] ?? ""
                let count = asked.withLock { asked in
                    asked.append(transport)
                    return asked.count
                }
                if count > 2 { throw RequestRefused("enough") }
            }
        } _: { server throws in
            let client = try server.client()
            let id = try server.openPolling(on: client)
            try server.openWebSocket(on: try server.client())
            #expect(try client.post(server.polling(id), "4x").text == "ok")
            #expect(try client.get(server.polling(id)).text == "4x")
            #expect(try server.upgrade(server.webSocket(id)).status == 101)
            #expect(asked.withLock { $0 } == ["polling", "websocket"])
            #expect(try server.get(server.polling).status == 403)
        }
    }

    @Test func `a request that is allowed later begins its session then`() async throws {
        let gate = Gate()
        let asked = Journal()
        try await withServer(loops: 4) {
            $0.allowRequest = { request in
                asked.append(request.query["n"] ?? "none")
                await gate.wait()
            }
            // Half of these ids live on another loop than the request.
            $0.generateID = { "id-\($0.query["n"] ?? "")" }
        } _: { server throws in
            var clients: [RawClient] = []
            for number in 0..<8 {
                let client = try server.client()
                // The next request is pipelined behind the one that waits.
                try client.sendRequest("GET", "\(server.polling)&n=\(number)")
                try client.sendRequest("POST", server.polling("id-\(number)"), body: Array("4early".utf8))
                clients.append(client)
            }
            let webSocket = try server.client()
            let upgrade = RawClient.requestBytes("GET", "\(server.webSocket)&n=ws", RawClient.upgradeFields)
            try webSocket.send(upgrade + RawClient.textFrame("4early"))
            for _ in 0..<9 { _ = try asked.next() }
            #expect(try clients[0].isSilent(for: .milliseconds(20)))
            gate.open()
            for (number, client) in clients.enumerated() {
                #expect(TestServer.sessionID(in: try client.response().text) == "id-\(number)")
                #expect(try client.response().text == "ok")
                #expect(try client.get(server.polling("id-\(number)")).text == "4early")
            }
            #expect(try webSocket.response().status == 101)
            #expect(TestServer.sessionID(in: try webSocket.receiveText()) == "id-ws")
            #expect(try webSocket.receiveText() == "4early")
        }
    }

    @Test(arguments: [false, true])
    func `generateID is cancelled when its client leaves, and that is no error`(overWebSocket: Bool) async throws {
        let journal = Journal()
        try await withServer(loops: 4) {
            $0.generateID = { _ in
                journal.append("asked")
                do {
                    try await Task.sleep(for: .seconds(60))
                    return "late"
                } catch {
                    journal.append("cancelled")
                    throw error
                }
            }
        } _: { server throws in
            let client = try server.client()
            if overWebSocket {
                try client.send(RawClient.requestBytes("GET", server.webSocket, RawClient.upgradeFields))
            } else {
                try client.sendRequest("GET", server.polling)
            }
            #expect(try journal.next() == "asked")
            client.close()
            #expect(try journal.next() == "cancelled")
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(server.log.lines.allSatisfy { $0.hasPrefix("debug") }, "\(server.log.lines)")
        }
    }

    @Test func `a client that leaves while it waits to be allowed leaves nothing behind`() async throws {
        let gate = Gate()
        let asked = Journal()
        try await withServer(loops: 4) {
            $0.allowRequest = { request in
                asked.append("asked")
                await gate.wait()
            }
            $0.generateID = { "id-\($0.query["n"] ?? "")" }
        } _: { server throws in
            for number in 0..<8 {
                let client = try server.client()
                if number < 4 {
                    try client.sendRequest("GET", "\(server.polling)&n=\(number)")
                } else {
                    try client.sendRequest("GET", "\(server.webSocket)&n=\(number)", RawClient.upgradeFields)
                }
                _ = try asked.next()
                if number % 2 == 0 { client.abort() } else { client.close() }
            }
            // Before the answers, so that the server has seen all of them leave.
            try server.expectCensus(sessions: 0, connections: 0)
            gate.open()
            try server.expectCensus(sessions: 0, connections: 0)
            #expect(server.journal.rest == [])
        }
    }
}
