import SocketIOWire
import TestSupport
import Testing

/// Protocol.md 1.8: where a request comes from.
@Suite struct ProxyTrustTests {
    private static let networks = ["10.0.0.0/8", "::1"]

    private static func trust(_ fields: ProxyTrust.Fields) throws -> ProxyTrust {
        ProxyTrust(try networks.map { try IPNetwork(parsing: $0) }, fields: fields)
    }

    private static func source(
        _ lines: [String], fields: ProxyTrust.Fields, from peer: String = "10.0.0.1", isSecure: Bool = false
    ) throws -> RequestSource {
        let head = try HTTPRequestParser.head(
            "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try trust(fields).source(of: head, from: peer, isSecure: isSecure)
    }

    private static func address(_ value: String, from peer: String = "10.0.0.1") throws -> String {
        try source(["X-Forwarded-For: \(value)"], fields: .xForwarded, from: peer).address
    }

    @Test(arguments: [
        // From the right, as long as whoever wrote it is trusted.
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1, 10.0.0.2", "192.0.2.1"), ("192.0.2.1,10.0.0.2,10.0.0.3", "192.0.2.1"),
        // What a client writes stands in front of what its proxy adds.
        ("198.51.100.7, 192.0.2.1", "192.0.2.1"), ("10.9.9.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("unknown, 192.0.2.1", "192.0.2.1"), ("\", 192.0.2.1", "192.0.2.1"), ("\"\\\", 192.0.2.1", "192.0.2.1"),
        // Nobody but proxies: the first of them.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        // A proxy that does not say it stands for whom it hides.
        ("unknown", "10.0.0.1"), ("192.0.2.1, unknown", "10.0.0.1"), ("192.0.2.1, _hidden, 10.0.0.2", "10.0.0.2"),
        ("", "10.0.0.1"), (",", "10.0.0.1"), ("192.0.2.1,", "192.0.2.1"), (" ,192.0.2.1 , ", "192.0.2.1"),
        // Ports, and all the forms of IPv6.
        ("192.0.2.1:4711", "192.0.2.1"), ("192.0.2.1:_p", "192.0.2.1"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:DB8::1]", "2001:db8::1"), ("[2001:db8::1]:4711", "2001:db8::1"), ("192.0.2.1, ::1", "192.0.2.1"),
        ("192.0.2.1, [::1]:80", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, ::ffff:10.0.0.2", "192.0.2.1"),
        // What is none.
        ("192.0.2.1:", "10.0.0.1"), ("192.0.2.1:port", "10.0.0.1"), ("192.0.2.1:123456", "10.0.0.1"),
        ("[192.0.2.1]", "10.0.0.1"),
        ("[2001:db8::1", "10.0.0.1"), ("[2001:db8::1]x", "10.0.0.1"), ("2001:db8::1]", "10.0.0.1"),
        ("192.0.2.1 x", "10.0.0.1"),
        ("192.0.2.01", "10.0.0.1"), ("192.0.2.1\u{FFFD}", "10.0.0.1"), ("fe80::1%eth0", "10.0.0.1"),
        ("a.example", "10.0.0.1"),
    ])
    func `the address is the first from the right that no trusted proxy has`(_ value: String, _ address: String) throws
    {
        #expect(try Self.address(value) == address)
    }

    @Test func `nobody else is believed`() throws {
        for peer in ["192.0.2.9", "11.0.0.1", "::2", "unknown", ""] {
            let lines = ["X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example"]
            let source = try Self.source(lines, fields: .xForwarded, from: peer)
            #expect(source == RequestSource(address: peer, isSecure: false))
        }
        #expect(try Self.address("192.0.2.1", from: "::1") == "192.0.2.1")
    }

    @Test func `several lines are one list`() throws {
        let source = try Self.source(
            ["X-Forwarded-For: 198.51.100.7", "x-forwarded-for: 192.0.2.1, 10.0.0.3", "X-FORWARDED-FOR: 10.0.0.2"],
            fields: .xForwarded)
        #expect(source.address == "192.0.2.1")
    }

    @Test func `only what the proxies write is read`() throws {
        let lines = ["Forwarded: for=198.51.100.7;proto=https;host=f.example", "X-Forwarded-For: 192.0.2.1"]
        #expect(try Self.source(lines, fields: .xForwarded) == RequestSource(address: "192.0.2.1", isSecure: false))
        #expect(
            try Self.source(lines, fields: .forwarded)
                == RequestSource(address: "198.51.100.7", isSecure: true, host: "f.example"))
    }

    @Test(
        arguments: [
            // One proxy, which writes or adds.
            (["X-Forwarded-Proto: https", "X-Forwarded-Host: a.example"], "192.0.2.1", true, "a.example"),
            (
                ["X-Forwarded-Proto: https, http", "X-Forwarded-Host: evil.example, a.example"], "192.0.2.1", false,
                "a.example"
            ),
            // Two of them: each adds, or the last leaves what is there.
            (["X-Forwarded-Proto: http, https, http"], "192.0.2.1, 10.0.0.2", true, nil),
            (
                ["X-Forwarded-Proto: https", "X-Forwarded-Host: a.example:8443"], "192.0.2.1, 10.0.0.2", true,
                "a.example:8443"
            ),
            (["X-Forwarded-Proto: WSS"], "192.0.2.1", true, nil), (["X-Forwarded-Proto: ws"], "192.0.2.1", false, nil),
            // What says nothing.
            (["X-Forwarded-Proto: gopher", "X-Forwarded-Host: a b"], "192.0.2.1", false, nil),
            (["X-Forwarded-Proto:", "X-Forwarded-Host: a/b"], "192.0.2.1", false, nil),
            (["X-Forwarded-Host: \"a\""], "192.0.2.1", false, nil),
        ] as [([String], String, Bool, String?)])
    func `scheme and name are what the proxy says that the client reached`(
        _ lines: [String], _ chain: String, _ isSecure: Bool, _ host: String?
    ) throws {
        let source = try Self.source(["X-Forwarded-For: \(chain)"] + lines, fields: .xForwarded)
        #expect(source == RequestSource(address: "192.0.2.1", isSecure: isSecure, host: host))
    }

    @Test func `a proxy that says no scheme leaves that of the connection`() throws {
        #expect(try Self.source(["X-Forwarded-For: 192.0.2.1"], fields: .xForwarded, isSecure: true).isSecure)
        let plain = ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: http"]
        #expect(try !Self.source(plain, fields: .xForwarded, isSecure: true).isSecure)
        #expect(try Self.source(["X-Forwarded-Proto: https"], fields: .xForwarded).isSecure)
    }

    @Test(
        arguments: [
            ("for=192.0.2.1", "192.0.2.1", false, nil),
            ("For=\"192.0.2.1\"; Proto=HTTPS ;HOST=a.example", "192.0.2.1", true, "a.example"),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1", false, nil),
            ("by=10.0.0.1;for=192.0.2.1:80", "192.0.2.1", false, nil),
            ("for=198.51.100.7;proto=https, for=192.0.2.1;proto=http", "192.0.2.1", false, nil),
            (
                "for=192.0.2.1;proto=https;host=a.example, for=10.0.0.2;proto=http;host=inner", "192.0.2.1", true,
                "a.example"
            ),
            (
                "for=192.0.2.1;host=\"a.example:8443\";proto=\"https\", for=10.0.0.2", "192.0.2.1", true,
                "a.example:8443"
            ),
            // A client's open quote hides nothing of what its proxy adds.
            ("for=\", for=192.0.2.1", "192.0.2.1", false, nil),
            ("for=\"\\, for=192.0.2.1;proto=https", "192.0.2.1", true, nil),
            ("for=x;y=\"a, for=192.0.2.1;host=\"a.example\"", "192.0.2.1", false, "a.example"),
            // Commas, semicolons and escapes inside of quotes.
            ("for=192.0.2.1;x=\"a,b;for=198.51.100.7\"", "192.0.2.1", false, nil),
            ("for=192.0.2.1;x=\"\\\",for=198.51.100.7\"", "192.0.2.1", false, nil),
            ("for=\"192.0.2\\.1\"", "192.0.2.1", false, nil),
            // Hidden, or nothing.
            ("for=unknown;proto=https", "10.0.0.1", true, nil), ("for=_hidden", "10.0.0.1", false, nil),
            ("for=\"_hidden:_port\"", "10.0.0.1", false, nil),
            ("for=192.0.2.1, for=unknown, for=10.0.0.2", "10.0.0.2", false, nil),
            ("", "10.0.0.1", false, nil), (";;", "10.0.0.1", false, nil), ("for", "10.0.0.1", false, nil),
            ("for=", "10.0.0.1", false, nil),
            ("=192.0.2.1", "10.0.0.1", false, nil), ("for=\"192.0.2.1", "10.0.0.1", false, nil),
            ("for=192.0.2.1\"", "10.0.0.1", false, nil),
            ("for=\"192.0.2.1\"x", "10.0.0.1", false, nil), ("for=\"", "10.0.0.1", false, nil),
            ("for=\"\\", "10.0.0.1", false, nil),
            ("proto=https;host=a.example", "10.0.0.1", true, "a.example"),
            ("for=192.0.2.1;for=198.51.100.7", "192.0.2.1", false, nil),
            ("for =192.0.2.1", "10.0.0.1", false, nil), ("fort=192.0.2.1", "10.0.0.1", false, nil),
            ("host=\"a b\"", "10.0.0.1", false, nil),
        ] as [(String, String, Bool, String?)])
    func `Forwarded is read like that`(_ value: String, _ address: String, _ isSecure: Bool, _ host: String?) throws {
        let source = try Self.source(["Forwarded: \(value)"], fields: .forwarded)
        #expect(source == RequestSource(address: address, isSecure: isSecure, host: host))
    }

    @Test(arguments: [ProxyTrust.Fields.forwarded, .xForwarded])
    func `whatever a client writes, its proxy decides`(_ fields: ProxyTrust.Fields) throws {
        var random = SeededGenerator(seed: 3)
        let words = [
            "for=", "10.0.0.2", "198.51.100.7", "\"", "\\", ",", ";", "=", "[", "]", ":", "::1", "proto=https",
            "host=evil", "unknown", " ",
            "_x", "\t", "é",
        ]
        let name = fields == .forwarded ? "Forwarded" : "X-Forwarded-For"
        let added = fields == .forwarded ? "for=192.0.2.1;proto=http;host=\"a.example\"" : "192.0.2.1"
        for _ in 0..<5_000 {
            let written = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                words.randomElement(using: &random) ?? ""
            }
            .joined()
            for lines in [["\(name): \(written), \(added)"], ["\(name): \(written)", "\(name): \(added)"]] {
                let source = try Self.source(lines, fields: fields)
                #expect(source.address == "192.0.2.1", "\(lines)")
                #expect(!source.isSecure)
                if fields == .forwarded { #expect(source.host == "a.example") }
            }
            // Alone it is anything, but it is read.
            _ = try Self.source(["\(name): \(written)"], fields: fields)
        }
    }

    @Test(arguments: [ProxyTrust.Fields.forwarded, .xForwarded])
    func `a list as long as a head may be costs what it is long`(_ fields: ProxyTrust.Fields) throws {
        let limits = HTTPLimits(lineAndHeaderBytes: 65_535, headerCount: 100)
        for item in ["::1", "10.0.0.2", "", "\"\\", "for=::1", "for=\"[::1]\"", "for=\"\\\"\"", "\\\\\\\\\\\\\\\""] {
            let count = 60_000 / (item.utf8.count + 1)
            let name = fields == .forwarded ? "Forwarded" : "X-Forwarded-For"
            let list = Array(repeating: item, count: count).joined(separator: ",")
            var parser = HTTPRequestParser(limits: limits)
            var cursor = 0
            let text = Array("GET / HTTP/1.1\r\nHost: a\r\n\(name): \(list)\r\n\r\n".utf8)
            guard case .head(let head) = try parser.next(text.span, from: &cursor) else { throw NoHead() }
            let time = try ContinuousClock().measure {
                let source = try Self.trust(fields).source(of: head, from: "10.0.0.1", isSecure: false)
                #expect(["10.0.0.1", "10.0.0.2", "::1"].contains(source.address))
            }
            // Its square would be minutes.
            #expect(time < .seconds(5), "\(item)")
        }
    }

    private struct NoHead: Error {}
}
