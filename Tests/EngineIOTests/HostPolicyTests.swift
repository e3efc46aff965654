import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.2: the names that a server answers to.
@Suite struct HostPolicyTests {
    private static func withHosts(
        _ hosts: [String], _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        try await withServer(loops: 4) {
            $0.hosts = .hosts(hosts)
        } _: { server throws in
            server.engine.http.get("/page") { _ in .text("page") }
            try body(server)
        }
    }

    @Test(arguments: [
        ("chat.example", 200), ("CHAT.example", 200), ("chat.example:3000", 200), ("chat.example:1", 200),
        ("[::1]", 200), ("[::1]:3000", 200), ("exact.example:3000", 200), ("exact.example", 421),
        ("exact.example:3001", 421), ("evil.example", 421), ("chat.example.evil.example", 421),
        ("evilchat.example", 421),
        ("chat.example.", 421), ("127.0.0.1", 421), ("localhost", 421), ("[::2]", 421), ("::1", 421), ("", 421),
    ])
    func `a request for another name is refused, whatever it asks for`(_ host: String, _ status: Int) async throws {
        try await Self.withHosts(["Chat.Example", "[::1]", "exact.example:3000"]) { server throws in
            let client = try server.client()
            let fields = [("Host", host)]
            let opened = try client.get(server.polling, fields)
            #expect(opened.status == status)
            #expect(try client.get("/page", fields).status == status)
            #expect(try server.upgrade(server.webSocket, fields).status == (status == 200 ? 101 : 421))
            if let id = TestServer.sessionID(in: opened.text) {
                #expect(try client.get("/page", [("Host", "other.example")]).status == 421)
                #expect(try server.post(server.polling(id), "4x", [("Host", "other.example")]).status == 421)
                #expect(try server.post(server.polling(id), "4x", fields).text == "ok")
            } else {
                try server.expectCensus(sessions: 0, connections: 1)
            }
        }
    }

    @Test func `the name of an absolute target counts instead`() async throws {
        try await Self.withHosts(["chat.example"]) { server throws in
            #expect(try server.get("http://chat.example/page", [("Host", "evil.example")]).status == 200)
            #expect(try server.get("http://evil.example/page", [("Host", "chat.example")]).status == 421)
        }
    }

    @Test func `a request without a name is refused, and the log says it once`() async throws {
        try await Self.withHosts(["chat.example"]) { server throws in
            for _ in 0..<20 {
                let client = try server.client()
                try client.send("GET /page HTTP/1.0\r\n\r\n")
                #expect(try client.response().status == 421)
            }
            let lines = server.log.lines.filter { $0.contains("`hosts`") }
            #expect((1...4).contains(lines.count), "one for each loop")
        }
    }

    @Test func `by default a server answers to any name`() async throws {
        try await withServer { server throws in
            #expect(try server.get(server.polling, [("Host", "anything.example:1")]).status == 200)
        }
    }
}
