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
