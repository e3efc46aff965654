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

    /// A frame of the client: its opcode, and its payload unmasked.
    func readFrame() throws -> (opcode: UInt8, payload: [UInt8]) {
        let start = try read(2)
        var count = Int(start[1] & 0x7F)
        if count == 126 { count = try read(2).reduce(0) { $0 << 8 | Int($1) } }
        let key = try read(4)
        let payload = try read(count).enumerated().map { $1 ^ key[$0 % 4] }
        return (start[0] & 0x0F, payload)
    }

    /// The next text message of the client, in one frame.
    func readText() throws -> String {
        while true {
            let frame = try readFrame()
            if frame.opcode == 1 { return String(decoding: frame.payload, as: UTF8.self) }
            guard frame.opcode != 8 else { throw ScriptedServer.Ended() }
        }
    }

    /// Sends a frame of a server, which is not masked.
    func sendFrame(_ opcode: UInt8, _ payload: [UInt8]) throws {
        let count = payload.count
        let length = count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 0xFF)]
        try send([0x80 | opcode] + length + payload)
    }

    func sendText(_ text: String) throws {
        try sendFrame(1, Array(text.utf8))
    }
}
