import SocketIOWire

extension ScriptedServer.Connection {
    /// Answers a WebSocket handshake; `send` may do so in its own way.
    func acceptWebSocket(_ head: String? = nil, _ send: (([UInt8]) throws -> Void)? = nil) throws {
        let head = try head ?? readRequest()
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") } ?? ""
        let key = line.dropFirst("sec-websocket-key:".count).drop { $0 == " " }
        let answer = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: \(WebSocketHandshake.accept(for: String(key)))\r
            \r

            """
        try (send ?? { try self.send($0) })(Array(answer.utf8))
    }
}
