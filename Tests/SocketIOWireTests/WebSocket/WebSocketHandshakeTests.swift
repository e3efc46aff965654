import SocketIOWire
import Testing

@Suite struct WebSocketHandshakeTests {
    private static let fields = [
        "Host": "server.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    ]

    /// The example of RFC 6455 1.2, with changes; an empty value removes the field.
    private func accept(
        _ requestLine: String = "GET /chat HTTP/1.1", _ changes: [String: String] = [:], extra: String = ""
    ) throws -> String {
        let fields = Self.fields.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        let text = requestLine + "\r\n" + fields.map { "\($0.key): \($0.value)\r\n" }.joined() + extra + "\r\n"
        return try WebSocketHandshake.accept(try HTTPRequestParser.head(text))
    }

    @Test func `accepts the handshake of RFC 6455 1_3`() throws {
        #expect(try accept() == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(WebSocketHandshake.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `accepts what browsers and proxies send`() throws {
        #expect(throws: Never.self) { try accept("GET / HTTP/1.1", ["Connection": "keep-alive, upgrade"]) }
        #expect(throws: Never.self) { try accept("GET / HTTP/1.1", ["Upgrade": "WebSocket"]) }
        #expect(throws: Never.self) { try accept("GET / HTTP/1.1", ["Content-Length": "0"]) }
    }

    @Test(
        arguments: [
            ("POST / HTTP/1.1", [:], 400), ("GET / HTTP/1.0", [:], 400),
            ("GET / HTTP/1.1", ["Upgrade": ""], 400), ("GET / HTTP/1.1", ["Upgrade": "h2c"], 400),
            ("GET / HTTP/1.1", ["Connection": ""], 400), ("GET / HTTP/1.1", ["Connection": "keep-alive"], 400),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Version": ""], 426),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Version": "8"], 426),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Version": "013"], 426),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Key": ""], 400),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ"], 400),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSEh"], 400),
            ("GET / HTTP/1.1", ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!=="], 400),
            ("GET / HTTP/1.1", ["Content-Length": "1"], 400),
        ] as [(String, [String: String], Int)])
    func `refuses what is not a handshake`(requestLine: String, changes: [String: String], status: Int) {
        let failure = #expect(throws: HTTPFailure.self) { try accept(requestLine, changes) }
        #expect(failure?.status == status)
    }

    @Test func `refuses a repeated key or version`() {
        let key = #expect(throws: HTTPFailure.self) {
            try accept(extra: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
        }
        #expect(key?.status == 400)
        let version = #expect(throws: HTTPFailure.self) { try accept(extra: "Sec-WebSocket-Version: 13\r\n") }
        #expect(version?.status == 426)
    }

    private func subprotocol(_ lines: [String]) throws -> String? {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        return try WebSocketHandshake.subprotocol(try HTTPRequestParser.head(text))
    }

    @Test(
        arguments: [
            ([], nil), (["Sec-WebSocket-Protocol: abc"], "abc"), (["sec-websocket-protocol: abc, def"], "abc"),
            (["Sec-WebSocket-Protocol:  abc \t,def"], "abc"), (["Sec-WebSocket-Protocol: ABC,abc"], "ABC"),
            (["Sec-WebSocket-Protocol: x", "Sec-WebSocket-Protocol: y, z"], "x"),
            (["Sec-WebSocket-Protocols: x"], nil), (["Sec-WebSocket-Protocol: a!#$%&'*+-.^_`|~1"], "a!#$%&'*+-.^_`|~1"),
        ] as [([String], String?)])
    func `answers with the first subprotocol that is offered`(lines: [String], expected: String?) throws {
        #expect(try subprotocol(lines) == expected)
    }

    @Test(arguments: [
        "", ",", "abc,", ",abc", "abc,,def", "a b", "a;b", "abc, abc", "a/b", "\"a\"", "a,\u{E9}", "(a)",
    ])
    func `refuses subprotocols that are no list of names, each once`(value: String) {
        let failure = #expect(throws: HTTPFailure.self) { try subprotocol(["Sec-WebSocket-Protocol: \(value)"]) }
        #expect(failure?.status == 400)
    }

    @Test func `refuses a subprotocol that is offered in two fields`() {
        #expect(throws: HTTPFailure.self) {
            try subprotocol(["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b, a"])
        }
    }

    @Test func `very many subprotocols are read in one go`() throws {
        let names = (0..<2500).map { "p\($0)" }.joined(separator: ",")
        #expect(try subprotocol(["Sec-WebSocket-Protocol: \(names)"]) == "p0")
    }

    @Test func `writes the response that switches`() {
        let writer = ByteWriter()
        WebSocketHandshake.appendResponse(
            accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", subprotocol: "chat", fields: ["X-A": "b"], to: writer)
        #expect(
            String(decoding: writer.array(), as: UTF8.self) == """
                HTTP/1.1 101 Switching Protocols\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                Sec-WebSocket-Protocol: chat\r
                X-A: b\r
                \r

                """)
    }

    @Test func `does not send a subprotocol that would split the response`() {
        let writer = ByteWriter()
        WebSocketHandshake.appendResponse(accept: "x", subprotocol: "a\r\nb", to: writer)
        #expect(!String(decoding: writer.array(), as: UTF8.self).contains("Protocol:"))
    }
}
