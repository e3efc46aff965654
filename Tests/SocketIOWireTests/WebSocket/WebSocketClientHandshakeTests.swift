import SocketIOWire
import Testing

@Suite struct WebSocketClientHandshakeTests {
    /// The nonce of RFC 6455 1.3.
    private let handshake = WebSocketClientHandshake(
        nonce: Array("the sample nonce".utf8), subprotocols: ["chat", "super chat", "superchat"])

    private func accept(_ changes: [String: String] = [:], status: String = "101 Switching Protocols") throws -> String?
    {
        let fields = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
        let text = "HTTP/1.1 \(status)\r\n" + fields.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
        var parser = HTTPResponseParser(answering: .get)
        var cursor = 0
        guard case .head(let head) = try parser.next(Array(text.utf8).span, from: &cursor) else { return "no head" }
        return try handshake.accept(head).subprotocol
    }

    @Test func `writes a request that the server side accepts`() throws {
        let writer = ByteWriter()
        let isWritten = handshake.appendRequest(target: "/chat", host: "server.example.com", to: writer)
        #expect(isWritten)
        let text = String(decoding: writer.array(), as: UTF8.self)
        #expect(
            text == """
                GET /chat HTTP/1.1\r
                Host: server.example.com\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Protocol: chat, superchat\r
                \r

                """)
        #expect(try WebSocketHandshake.accept(HTTPRequestParser.head(text)) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `accepts the response of RFC 6455 1_3`() throws {
        #expect(try accept() == nil)
        #expect(try accept(["Sec-WebSocket-Protocol": "chat"]) == "chat")
    }

    @Test(
        arguments: [
            ["Upgrade": ""], ["Upgrade": "h2c"], ["Connection": ""], ["Sec-WebSocket-Accept": ""],
            ["Sec-WebSocket-Accept": "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
            ["Sec-WebSocket-Extensions": "permessage-deflate"],
            ["Sec-WebSocket-Protocol": "other"],
        ] as [[String: String]])
    func `refuses what was not asked for`(changes: [String: String]) {
        #expect(throws: ProtocolViolation.self) { try accept(changes) }
    }

    @Test func `refuses any other status`() {
        #expect(throws: ProtocolViolation.self) { try accept(status: "200 OK") }
    }
}
