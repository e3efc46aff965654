import SocketIOClient
import Testing

@Suite struct HostileServerTests {
    private static let open =
        #"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

    private static func response(_ body: String, status: String = "200 OK", fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A frame of a server: not masked, and short.
    private static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0x80 | opcode, UInt8(payload.count)] + payload
    }

    private static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    /// Runs `body` with a server that follows `script` for each connection.
    private func against(
        _ mode: Mode = .webSocket, _ script: @escaping ScriptedServer.Script,
        _ body: (ClientManager, ScriptedServer) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        try await withManager(
            server.url,
            { configuration in
                mode.configure(&configuration)
                configuration.reconnection = .off
                configuration.connectTimeout = .seconds(2)
                configuration.limits.messageBytes = 100_000
                configuration.limits.closeTime = .milliseconds(50)
            }
        ) { try await body($0, server) }
    }

    private func error(_ mode: Mode, _ script: @escaping ScriptedServer.Script) async throws -> ClientError? {
        var error: ClientError?
        try await against(mode, script) { manager, _ in
            do throws(ClientError) { try await manager.socket().connect() } catch let caught { error = caught }
        }
        return error
    }

    @Test(arguments: [
        "", "\r\n\r\n", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\u{1E}",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ]) func `a handshake of garbage throws`(answer: String) async throws {
        for mode in [Mode.polling, .webSocket] {
            let error = try await error(mode) { connection in
                _ = try connection.readRequest()
                try connection.send(answer)
            }
            #expect(error?.code == .badResponse || error?.code == .connectionLost, "\(String(describing: error))")
        }
    }

    @Test func `a wrong accept key throws`() async throws {
        let error = try await error(.webSocket) { connection in
            _ = try connection.readRequest()
            try connection.send(
                "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n")
        }
        #expect(error?.code == .badResponse)
        #expect(error?.message.contains("Sec-WebSocket-Accept") == true)
    }

    @Test func `redirects are not followed, however many there are, and the error names the target`() async throws {
        try await against(
            .upgrade,
            { connection in
                while true {
                    _ = try connection.readRequest()
                    let fields = "Location: http://elsewhere/socket.io/\r\n"
                    try connection.send(Self.response("", status: "302 Found", fields: fields))
                }
            }
        ) { manager, server in
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .redirected)
            #expect(error?.message.contains("http://elsewhere/socket.io/") == true)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a proxy that wants to be asked, and a server that says no, have their own errors`() async throws {
        let proxy = try await error(.polling) { connection in
            _ = try connection.readRequest()
            try connection.send(Self.response("", status: "407 Proxy Authentication Required"))
        }
        #expect(proxy?.code == .proxyRequired)
        let rejected = try await error(.polling) { connection in
            _ = try connection.readRequest()
            try connection.send(Self.response(#"{"code":4,"message":"no entry"}"#, status: "403 Forbidden"))
        }
        #expect(rejected?.code == .rejected)
        #expect(rejected?.message.contains("no entry") == true)
    }

    @Test func `a server that says nothing is given up at the connect timeout`() async throws {
        for mode in [Mode.polling, .webSocket] {
            let server = try ScriptedServer { connection in try connection.readToEnd() }
            defer { server.stop() }
            try await withManager(
                server.url,
                { configuration in
                    mode.configure(&configuration)
                    configuration.reconnection = .off
                    configuration.connectTimeout = .milliseconds(100)
                    configuration.limits.closeTime = .milliseconds(50)
                }
            ) { manager in
                let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
                #expect(error?.code == .timedOut)
            }
        }
    }

    /// What a server sends on an open WebSocket, and why the client then closes.
    private struct Misbehaviour: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let reason: ClientSocket.DisconnectReason

        var testDescription: String { name }
    }

    private static let misbehaviours = [
        Misbehaviour(name: "unknown packet", bytes: text("9"), reason: .parseError),
        Misbehaviour(name: "empty packet", bytes: text(""), reason: .parseError),
        Misbehaviour(name: "second handshake", bytes: text(open), reason: .parseError),
        Misbehaviour(name: "unknown Socket.IO packet", bytes: text("49"), reason: .parseError),
        Misbehaviour(name: "event that is no array", bytes: text(#"42{"a":1}"#), reason: .parseError),
        Misbehaviour(name: "event without a name", bytes: text("42[]"), reason: .parseError),
        Misbehaviour(name: "broken JSON", bytes: text(#"42["a""#), reason: .parseError),
        Misbehaviour(name: "second CONNECT answer", bytes: text(#"40{"sid":"x"}"#), reason: .parseError),
        Misbehaviour(name: "refusal of nothing", bytes: text(#"44{"message":"x"}"#), reason: .parseError),
        Misbehaviour(name: "ack id beyond numbers", bytes: text("4399999999999999999999[]"), reason: .parseError),
        Misbehaviour(name: "too many attachments", bytes: text(#"4511-["a"]"#), reason: .parseError),
        Misbehaviour(
            name: "text among attachments",
            bytes: text(#"451-["a",{"_placeholder":true,"num":0}]"#) + text(#"42["b"]"#),
            reason: .parseError),
        Misbehaviour(
            name: "placeholder without attachment",
            bytes: text(#"451-["a",{"_placeholder":true,"num":1}]"#) + frame(2, [1]), reason: .parseError),
        Misbehaviour(name: "binary that nothing announced", bytes: frame(2, [1]), reason: .parseError),
        Misbehaviour(name: "masked frame", bytes: [0x81, 0x81, 0, 0, 0, 0, 0x32], reason: .transportError),
        Misbehaviour(name: "reserved bit", bytes: [0xC1, 1, 0x32], reason: .transportError),
        Misbehaviour(name: "reserved opcode", bytes: [0x83, 0], reason: .transportError),
        Misbehaviour(name: "not UTF-8", bytes: frame(1, [0x34, 0xFF]), reason: .transportError),
        Misbehaviour(name: "oversized frame", bytes: [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], reason: .transportError),
        Misbehaviour(name: "truncated frame", bytes: [0x81, 100, 0x34], reason: .transportClose),
        Misbehaviour(name: "close frame", bytes: [0x88, 0], reason: .transportClose),
        Misbehaviour(name: "close packet", bytes: text("1"), reason: .transportClose),
    ]

    @Test(arguments: misbehaviours) private func `closes for its own reason`(misbehaviour: Misbehaviour) async throws {
        try await against(
            .webSocket,
            { connection in
                try connection.acceptWebSocket()
                try connection.send(Self.text(Self.open))
                try connection.send(Self.text(#"40{"sid":"s"}"#))
                try connection.send(misbehaviour.bytes)
                if misbehaviour.reason != .transportClose { try connection.readToEnd() }
            }
        ) { manager, _ in
            let lines = Lines()
            let socket = manager.socket()
            socket.onDisconnect { reason in lines.append("\(reason)") }
            try? await socket.connect()  // the end may overtake its return
            #expect(await lines.wait(for: 1) == ["\(misbehaviour.reason)"])
        }
    }

    @Test func `reads what comes one byte at a time`() async throws {
        for mode in [Mode.polling, .webSocket] {
            try await against(
                mode,
                { connection in
                    if mode == .webSocket {
                        try connection.acceptWebSocket { bytes in for byte in bytes { try connection.send([byte]) } }
                        for packet in [Self.open, #"40{"sid":"s"}"#, #"42["hi",1]"#] {
                            for byte in Self.text(packet) { try connection.send([byte]) }
                        }
                        try connection.readToEnd()
                    }
                    var answers = [Self.open, "40{\"sid\":\"s\"}\u{1E}42[\"hi\",1]"]
                    while true {
                        let head = try connection.readRequest()
                        let isPoll = head.hasPrefix("GET")
                        guard !isPoll || !answers.isEmpty else { return try connection.readToEnd() }
                        let answer = Self.response(isPoll ? answers.removeFirst() : "ok")
                        for byte in answer.utf8 { try connection.send([byte]) }
                    }
                }
            ) { manager, _ in
                let lines = Lines()
                let socket = manager.socket()
                socket.on("hi") { (number: Int) in lines.append("\(number)") }
                try await socket.connect()
                #expect(await lines.wait(for: 1) == ["1"])
            }
        }
    }

    @Test func `a connection that is closed at any byte of the handshake is a failed attempt, never more`() async throws
    {
        let before = Descriptors.count
        let polled = Array(Self.response(Self.open).utf8)
        for mode in [Mode.polling, .webSocket] {
            for cut in 0..<polled.count + 40 {
                let error = try await error(mode) { connection in
                    if mode == .polling {
                        _ = try connection.readRequest()
                        try connection.send(Array(polled.prefix(cut)))
                    } else {
                        try connection.acceptWebSocket { try connection.send(Array($0.prefix(cut))) }
                        if cut > 129 { try connection.send(Array(Self.text(Self.open).prefix(cut - 129))) }
                    }
                }
                #expect(error != nil)
            }
        }
        #expect(await eventually { Descriptors.count <= before + 2 })
    }

    @Test func `a probe that is closed at any byte leaves the session on polling`() async throws {
        let open = Self.open.replacing("[]", with: #"["websocket"]"#)
        // 129 bytes answer the handshake, and 8 are a frame with `3probe`: with the last one the upgrade would be made.
        for cut in 0..<137 {
            try await against(
                .upgrade,
                { connection in
                    var polls = 0
                    while true {
                        let head = try connection.readRequest()
                        if head.contains("transport=websocket") {
                            try connection.acceptWebSocket(head) { try connection.send(Array($0.prefix(cut))) }
                            if cut > 129 { try connection.send(Array(Self.text("3probe").prefix(cut - 129))) }
                            return
                        }
                        guard head.hasPrefix("GET") else {
                            try connection.send(Self.response("ok"))
                            continue
                        }
                        polls += 1
                        switch polls {
                        case 1: try connection.send(Self.response(open))
                        case 2: try connection.send(Self.response("40{\"sid\":\"s\"}\u{1E}42[\"hi\"]"))
                        default: try connection.readToEnd()
                        }
                    }
                }
            ) { manager, _ in
                let lines = Lines()
                let socket = manager.socket()
                socket.on("hi") { () in lines.append("hi") }
                try await socket.connect()
                #expect(await lines.wait(for: 1) == ["hi"])
                #expect(socket.isConnected)
            }
        }
    }

    @Test func `a CONNECT that is never answered does not wait for ever`() async throws {
        let server = try ScriptedServer { connection in
            try connection.acceptWebSocket()
            try connection.send(Self.text(Self.open))
            try connection.readToEnd()
        }
        defer { server.stop() }
        try await withManager(
            server.url,
            { configuration in
                Mode.webSocket.configure(&configuration)
                configuration.reconnection = .off
                configuration.connectTimeout = .milliseconds(100)
                configuration.limits.closeTime = .milliseconds(50)
            }
        ) { manager in
            let error = await #expect(throws: ClientError.self) { try await manager.socket().connect() }
            #expect(error?.code == .timedOut)
        }
    }

    @Test func `a server that stops pinging is left with ping timeout`() async throws {
        try await against(
            .webSocket,
            { connection in
                try connection.acceptWebSocket()
                try connection.send(Self.text(#"0{"sid":"abc","upgrades":[],"pingInterval":50,"pingTimeout":50}"#))
                try connection.send(Self.text(#"40{"sid":"s"}"#))
                try connection.readToEnd()
            }
        ) { manager, _ in
            let lines = Lines()
            let socket = manager.socket()
            socket.onDisconnect { reason in lines.append("\(reason)") }
            try await socket.connect()
            #expect(await lines.wait(for: 1) == ["ping timeout"])
        }
    }

    @Test func `events that come before the answer to CONNECT are handled once it is there`() async throws {
        try await against(
            .webSocket,
            { connection in
                try connection.acceptWebSocket()
                try connection.send(Self.text(Self.open))
                try connection.send(Self.text(#"42["missed",1]"#))
                try connection.send(Self.text(#"40{"sid":"s","pid":"p"}"#))
                try connection.send(Self.text(#"42["live",2]"#))
                try connection.readToEnd()
            }
        ) { manager, _ in
            let lines = Lines()
            let socket = manager.socket()
            socket.onAny { name, _ in lines.append(name) }
            socket.onConnect { lines.append("connect") }
            try await socket.connect()
            #expect(await lines.wait(for: 3) == ["missed", "connect", "live"])
        }
    }

    @Test func `a handler of such an event that disconnects is the end of the connect`() async throws {
        try await against(
            .webSocket,
            { connection in
                try connection.acceptWebSocket()
                try connection.send(Self.text(Self.open))
                try connection.send(Self.text(#"42["missed",1]"#))
                try connection.send(Self.text(#"40{"sid":"s","pid":"p"}"#))
                try connection.readToEnd()
            }
        ) { manager, _ in
            let lines = Lines()
            let socket = manager.socket()
            socket.onAny { [weak socket] name, _ in
                lines.append(name)
                socket?.disconnect()
            }
            socket.onConnect { lines.append("connect") }
            socket.onDisconnect { reason in lines.append("\(reason)") }
            do throws(ClientError) {
                try await socket.connect()
                Issue.record("it is disconnected")
            } catch {
                #expect(error.code == .closed)
            }
            lines.append("end")
            #expect(await lines.wait(for: 3) == ["missed", "io client disconnect", "end"])
        }
    }

    @Test func `a DISCONNECT instead of an answer to CONNECT is a refusal that is told`() async throws {
        try await against(
            .webSocket,
            { connection in
                try connection.acceptWebSocket()
                try connection.send(Self.text(Self.open))
                try connection.send(Self.text("41"))
                try connection.readToEnd()
            }
        ) { manager, _ in
            let lines = Lines()
            let socket = manager.socket()
            socket.onConnectError { error in lines.append("\(error.code == .refused) \(error) \(socket.isActive)") }
            socket.onDisconnect { reason in lines.append("\(reason)") }
            socket.open()
            #expect(await lines.wait(for: 1) == ["true the server disconnected / false"])
            let error = await #expect(throws: ClientError.self) { try await socket.connect() }
            #expect(error?.code == .refused)
        }
    }
}
