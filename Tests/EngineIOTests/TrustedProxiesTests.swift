import EngineIO
import TestSupport
import Testing

/// Protocol.md 1.8: a proxy in front of the server.
@Suite struct TrustedProxiesTests {
    private static let forwarded = [
        ("X-Forwarded-For", "198.51.100.7, 192.0.2.1"), ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "a.example"),
    ]

    private static func seen(
        _ proxies: TrustedProxies, _ fields: [(String, String)], target: String = "/seen"
    ) async throws -> String {
        let journal = Journal()
        try await withServer {
            $0.trustedProxies = proxies
        } _: { server throws in
            server.engine.http.get("/seen") { request in
                .text("\(request.remoteAddress) \(request.isSecure) \(request.host ?? "-")")
            }
            journal.append(try server.get(target, fields).text)
        }
        return try journal.next()
    }

    @Test func `a request has what its proxy says`() async throws {
        #expect(try await Self.seen(["127.0.0.1"], Self.forwarded) == "192.0.2.1 true a.example")
        #expect(try await Self.seen(["10.0.0.0/8", "127.0.0.0/8"], Self.forwarded) == "192.0.2.1 true a.example")
        let fields = try TrustedProxies(["127.0.0.1"], fields: .forwarded)
        #expect(try await Self.seen(fields, Self.forwarded) == "127.0.0.1 false localhost")
        #expect(
            try await Self.seen(fields, [("Forwarded", "for=\"[2001:db8::1]\";proto=https")])
                == "2001:db8::1 true localhost")
    }

    @Test func `by default, and from elsewhere, it has what the connection says`() async throws {
        for proxies in [TrustedProxies.none, ["10.0.0.0/8"], ["127.0.0.2"], ["::1"]] {
            #expect(try await Self.seen(proxies, Self.forwarded) == "127.0.0.1 false localhost")
        }
    }

    @Test func `the name is that of an absolute target, if it has one`() async throws {
        #expect(
            try await Self.seen(.none, [("Host", "other")], target: "http://b.example:8080/seen")
                == "127.0.0.1 false b.example:8080")
    }

    @Test func `a page is of the server's own origin by the name and the scheme that the proxy says`() async throws {
        try await withServer {
            $0.trustedProxies = ["127.0.0.1"]
        } _: { server throws in
            for (origin, host, proto, status) in [
                ("https://a.example", "a.example", "https", 101), ("https://b.example", "a.example", "https", 403),
                ("http://a.example", "a.example", "https", 403), ("http://a.example", "a.example", "http", 101),
                ("https://inner:3000", "a.example", "https", 403),
            ] {
                let response = try server.upgrade(
                    server.webSocket,
                    [
                        ("Origin", origin), ("Host", "inner:3000"), ("X-Forwarded-For", "192.0.2.1"),
                        ("X-Forwarded-Host", host), ("X-Forwarded-Proto", proto),
                    ])
                #expect(response.status == status, "\(origin)")
            }
        }
    }

    @Test func `the server answers to the name that the proxy says`() async throws {
        try await withServer {
            $0.trustedProxies = ["127.0.0.1"]
            $0.hosts = .hosts(["a.example"])
        } _: { server throws in
            for (host, forwarded, status) in [
                ("inner", "a.example", 200), ("a.example", "evil.example", 421),
                ("inner", "evil.example, a.example", 200),
            ] {
                let fields = [("Host", host), ("X-Forwarded-Host", forwarded)]
                #expect(try server.get(server.polling, fields).status == status)
            }
            #expect(try server.get(server.polling, [("Host", "a.example")]).status == 200)
            #expect(try server.get(server.polling, [("Host", "inner")]).status == 421)
        }
        try await withServer {
            $0.hosts = .hosts(["a.example"])
        } _: { server throws in
            let fields = [("Host", "evil.example"), ("X-Forwarded-Host", "a.example")]
            #expect(try server.get(server.polling, fields).status == 421)
        }
    }

    @Test func `sessions are counted by the client's address`() async throws {
        try await withServer {
            $0.trustedProxies = ["127.0.0.1"]
            $0.limits.sessionsPerAddress = 2
        } onConnection: { socket, journal in
            journal.append(socket.request.remoteAddress)
        } _: { server throws in
            let client = try server.client()
            for (address, status) in [
                ("192.0.2.1", 200), ("192.0.2.1", 200), ("192.0.2.1", 503), ("192.0.2.2", 200),
                ("198.51.100.7, 192.0.2.1", 503),
            ] {
                let response = try client.get(server.polling, [("X-Forwarded-For", address)])
                #expect(response.status == status, "\(address)")
                if status == 200 { #expect(try server.journal.next() == address) }
            }
        }
    }

    @Test(arguments: ["10.0.0.0/33", "localhost", "", "10.1.2.3/8"])
    func `a wrong text is refused where it is set`(_ text: String) {
        let failure = #expect(throws: TrustedProxies.Failure.self) { try TrustedProxies(["::1", text]) }
        #expect(failure?.description.hasPrefix("the trusted proxy \"\(text)\" ") == true)
    }

    #if os(Linux) || os(macOS)
        @Test func `a wrong text in a literal ends the process with words`() async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                var configuration = EngineIOServer.Configuration()
                configuration.trustedProxies = ["10.0.0.0/8", "proxy.internal"]
            }
            let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(words.contains("the trusted proxy \"proxy.internal\" is no address"))
        }
    #endif
}
