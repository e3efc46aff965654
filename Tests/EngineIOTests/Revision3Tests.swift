import EngineIO
import TestSupport
import Testing

/// Protocol.md 9: clients of Engine.IO 3.
@Suite struct Revision3Tests {
    private static let polling = "/engine.io/?EIO=3&transport=polling"
    private static let webSocket = "/engine.io/?EIO=3&transport=websocket"
    private static let bytes = [("Content-Type", "application/octet-stream")]

    private func allow(_ configuration: inout EngineIOServer.Configuration) { configuration.allowEIO3 = true }

    /// Opens a polling session, and returns its target.
    private static func open(_ query: String = "", on client: RawClient) throws -> String {
        let text = try client.get(polling + query).text
        let packet = try #require(text.split(separator: ":", maxSplits: 1).last, "\(text)")
        #expect(text.hasPrefix("\(packet.utf16.count):"))
        let id = try #require(TestServer.sessionID(in: String(packet)), "\(text)")
        return "\(polling)&sid=\(id)"
    }

    // MARK: The handshake

    @Test(arguments: ["EIO=3&", ""])
    func `without the option they are refused, and the log says once what to do`(_ version: String) async throws {
        try await withServer { server throws in
            for _ in 0..<3 {
                let response = try server.get("/engine.io/?\(version)transport=polling")
                #expect(response.status == 400)
                #expect(response.text == RefusalTests.badVersion)
                let upgrade = try server.upgrade("/engine.io/?\(version)transport=websocket")
                #expect((upgrade.status, upgrade.text) == (400, "Unsupported protocol version"))
            }
            #expect(server.log.lines.filter { $0.contains("allowEIO3") }.count == 1)
        }
    }

    @Test func `other versions are refused in any case, and not taken for old clients`() async throws {
        try await withServer(allow) { server throws in
            #expect(try server.get("/engine.io/?EIO=5&transport=polling").text == RefusalTests.badVersion)
            #expect(try server.get("/engine.io/?EIO=3&EIO=3&transport=polling").text == RefusalTests.badVersion)
            #expect(!server.log.lines.contains { $0.contains("allowEIO3") })
        }
    }

    @Test(arguments: ["EIO=3&", ""])
    func `the open packet is that of version 4, behind its length`(_ version: String) async throws {
        try await withServer {
            $0.allowEIO3 = true
            $0.generateID = { _ in "id" }
        } _: { server throws in
            let response = try server.get("/engine.io/?\(version)transport=polling")
            let packet =
                #"0{"sid":"id","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
            #expect(response.text == "\(packet.count):\(packet)")
            #expect(response["content-type"] == "text/plain; charset=UTF-8")
        }
    }

    @Test func `the application is asked before the version, and its refusal comes first`() async throws {
        try await withServer {
            $0.allowEIO3 = true
            $0.allowRequest = { if $0.query["no"] != nil { throw RequestRefused("no") } }
        } _: { server throws in
            #expect(try server.get(Self.polling + "&no").status == 403)
            _ = try Self.open(on: try server.client())
        }
    }

    @Test func `clients of both versions are served at a time, on any loop`() async throws {
        try await withServer(loops: 4, allow) { server throws in
            for _ in 0..<4 {
                let (old, new) = (try server.client(), try server.client())
                let target = try Self.open(on: old)
                let id = try server.openPolling(on: new)
                #expect(try old.post(target, "4:4old").text == "ok")
                #expect(try new.post(server.polling(id), "4new").text == "ok")
                #expect(try old.get(target).text == "4:4old")
                #expect(try new.get(server.polling(id)).text == "4new")
            }
        }
    }

    // MARK: Polling

    @Test func `texts and bytes go both ways, in the form that each asks for`() async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            let target = try Self.open(on: client)
            #expect(try client.post(target, "5:4é€😀3:4xy").text == "ok")
            var response = try client.get(target)
            #expect(response.text == "5:4é€😀3:4xy")
            #expect(response["content-type"] == "text/plain; charset=UTF-8")
            #expect(try client.post(target, "6:b4AQL/2:4t").text == "ok")
            response = try client.get(target)
            #expect(response.body == [1, 4, 255, 4, 1, 2, 255, 0, 2, 255, 0x34, 0x74])
            #expect(response["content-type"] == "application/octet-stream")
            #expect(try client.post(target, [0, 3, 255, 0x34, 0xC3, 0xA9, 1, 2, 255, 4, 9], Self.bytes).text == "ok")
            response = try client.get(target)
            #expect(response.body == [0, 3, 255, 0x34, 0xC3, 0xA9, 1, 2, 255, 4, 9])
            // The form is the body's, whatever its type says: python's clients write bytes.
            #expect(try client.post(target, "3:4ab", Self.bytes).text == "ok")
            #expect(try client.get(target).text == "3:4ab")
        }
    }

    @Test func `with b64 in the handshake all of it is text`() async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            let target = try Self.open("&b64=1", on: client)
            #expect(try client.post(target, [1, 4, 255, 4, 1, 2, 255], Self.bytes).text == "ok")
            #expect(try client.get(target).text == "6:b4AQL/")
        }
    }

    @Test(arguments: [
        ("9:42[\"e\",1]zz", "parse error"), ("", "parse error"), ("x:4", "parse error"), ("1:3", "transport error"),
        ("1:1", "transport close"),
    ])
    func `what must not come ends the session alone`(_ body: String, _ reason: String) async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            let target = try Self.open(on: client)
            #expect(try server.journal.next() == "open")
            #expect(try client.post(target, body).text == "ok")
            #expect(try server.journal.next() == "close \(reason)")
            #expect(try client.get(target).text == RefusalTests.sessionUnknown)
            client.close()
            try server.expectUnharmed()
        }
    }

    @Test func `a second GET ends the session, and the first gets 1 in the client's version`() async throws {
        try await withServer(allow) { server throws in
            let (first, second) = (try server.client(), try server.client())
            let target = try Self.open(on: first)
            try first.sendRequest("GET", target)
            for _ in 0..<2 * server.loops { _ = try server.get("/none") }
            #expect(try second.get(target).status == 400)
            #expect(try first.response().text == "1:1")
        }
    }

    @Test func `a session that the server closes has its messages fetched, and then 1`() async throws {
        try await withServer(allow) { socket, _ in
            socket.send(.text("last"))
            socket.close()
        } _: { server throws in
            let client = try server.client()
            let target = try Self.open(on: client)
            #expect(try client.get(target).text == "5:4last")
            #expect(try client.get(target).text == "1:1")
        }
    }

    // MARK: The heartbeat

    @Test func `a ping is answered over either transport, whatever it says`() async throws {
        try await withServer(allow) { server throws in
            let poller = try server.client()
            let target = try Self.open(on: poller)
            for ping in ["1:2", "6:2hello"] {
                #expect(try poller.post(target, ping).text == "ok")
                #expect(try poller.get(target).text == "1:3")
            }
            let client = try server.client()
            try client.openWebSocket(Self.webSocket)
            _ = try client.receiveText()
            for ping in ["2", "2probe"] {
                try client.sendText(ping)
                #expect(try client.receiveText() == "3")
            }
        }
    }

    @Test func `the server sends no pings, and a client that sends none is given up`() async throws {
        try await withServer {
            $0.allowEIO3 = true
            $0.pingInterval = .milliseconds(60)
            $0.pingTimeout = .milliseconds(40)
        } _: { server throws in
            let client = try server.client()
            let start = ContinuousClock.now
            try client.openWebSocket(Self.webSocket)
            _ = try client.receiveText()
            #expect(try client.receiveFrame().opcode == .close)
            #expect(.now - start >= .milliseconds(100))
            let poller = try server.client()
            let target = try Self.open(on: poller)
            #expect(try poller.get(target).text == "1:1")
            for line in ["open", "close ping timeout", "open", "close ping timeout"] {
                #expect(try server.journal.next() == line)
            }
        }
    }

    // MARK: WebSocket

    @Test(arguments: [10, 70_000])
    func `bytes have their type in front`(_ count: Int) async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            try client.openWebSocket(Self.webSocket)
            _ = try client.receiveText()
            let bytes = (0..<count).map { UInt8($0 & 0xFF) }
            try client.sendBinary([4] + bytes)
            #expect(try client.receiveFrame() == RawFrame(.binary, [4] + bytes))
            // Others mean nothing.
            try client.sendBinary([9, 1])
            try client.sendBinary([])
            try client.sendText("b4AQID")
            #expect(try client.receiveFrame() == RawFrame(.binary, [4, 1, 2, 3]))
            try client.sendText("bAQID")
            #expect(try client.receiveClose() == 1002)
        }
    }

    @Test func `with b64 they are text`() async throws {
        try await withServer(allow) { server throws in
            let client = try server.client()
            try client.openWebSocket(Self.webSocket + "&b64=1")
            _ = try client.receiveText()
            try client.sendBinary([4, 1, 2, 3])
            #expect(try client.receiveText() == "b4AQID")
        }
    }

    @Test func `an upgrade takes along what waits, and the client goes on pinging`() async throws {
        try await withServer(loops: 4, allow) { server throws in
            for _ in 0..<4 {
                let poller = try server.client()
                let target = try Self.open(on: poller)
                #expect(try poller.post(target, [1, 2, 255, 4, 7, 0, 2, 255, 0x34, 0x61], Self.bytes).text == "ok")
                let client = try server.client()
                try client.openWebSocket(target.replacing("polling", with: "websocket"))
                try client.sendText("2probe")
                #expect(try client.receiveText() == "3probe")
                try client.sendText("5")
                #expect(try client.receiveFrame() == RawFrame(.binary, [4, 7]))
                #expect(try client.receiveText() == "4a")
                try client.sendText("2")
                #expect(try client.receiveText() == "3")
            }
        }
    }

    @Test func `an open GET ends with a noop while the client switches`() async throws {
        try await withServer(allow) { server throws in
            let poller = try server.client()
            let target = try Self.open(on: poller)
            try poller.sendRequest("GET", target)
            let client = try server.client()
            try client.openWebSocket(target.replacing("polling", with: "websocket"))
            try client.sendText("2probe")
            #expect(try client.receiveText() == "3probe")
            #expect(try poller.response().text == "1:6")
        }
    }
}
