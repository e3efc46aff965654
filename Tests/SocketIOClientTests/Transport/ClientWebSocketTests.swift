import NetLoop
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite struct ClientWebSocketTests {
    /// Notes what a WebSocket tells, and answers texts.
    private final class Delegate: ClientWebSocketDelegate {
        let lines: Lines
        init(_ lines: Lines) { self.lines = lines }

        func webSocketOpened(_ webSocket: ClientWebSocket) {
            lines.append("opened \(webSocket.isWritable)")
            webSocket.send(.text, Array("hello".utf8).span)
        }
        func received(text: Span<UInt8>, on webSocket: ClientWebSocket) {
            lines.append("text \(String(validating: text) ?? "")")
        }
        func received(binary: [UInt8], on webSocket: ClientWebSocket) { lines.append("binary \(binary)") }
        func webSocketEnded(_ webSocket: ClientWebSocket, because error: ClientError?, code: WebSocketCloseCode?) {
            lines.append("ended \(error?.code.description ?? "in order")")
        }
    }

    /// Runs `body` with a WebSocket to a server that does what `script` says.
    private func open(
        _ configure: (inout ClientManager.Configuration) -> Void = { _ in }, _ script: @escaping ScriptedServer.Script,
        _ body: (EventLoop, LoopBound<ClientWebSocket>, Lines) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        var configuration = ClientManager.Configuration()
        configuration.limits.closeTime = .milliseconds(50)
        configure(&configuration)
        let endpoint = try configuration.address(url: server.url, connections: ConnectionCount()).endpoint
        let (loop, lines) = (try ClientLoops.next(), Lines())
        let settings = Settings(endpoint: endpoint)
        let webSocket = await loop.call { loop in
            LoopBound(
                ClientWebSocket(
                    to: settings.endpoint, target: "/x?y", fields: settings.endpoint.fields, on: loop,
                    delegate: Delegate(lines)), on: loop)
        }
        try await body(loop, webSocket, lines)
        await loop.call { _ in webSocket.value.close() }
    }

    /// `@unchecked Sendable`: constant.
    private struct Settings: @unchecked Sendable { let endpoint: Endpoint }

    @Test func `opens, talks, answers a ping and a close frame`() async throws {
        let heard = Lines()
        try await open(
            { $0.extraHeaders = ["X-Mine": "1"] },
            { connection in
                let head = try connection.readRequest()
                heard.append(String(head.prefix { $0 != "\r\n" }))
                heard.append("\(head.contains("\r\nX-Mine: 1"))")
                try connection.acceptWebSocket(head)
                heard.append(try connection.readText())
                try connection.sendText("grüße")
                try connection.sendFrame(2, [1, 2, 3])
                try connection.sendFrame(9, [7])
                let pong = try connection.readFrame()
                heard.append("\(pong.opcode) \(pong.payload)")
                try connection.sendFrame(8, [0x03, 0xE8])
                let close = try connection.readFrame()
                heard.append("\(close.opcode) \(close.payload)")
            }
        ) { _, _, lines in
            #expect(
                await lines.wait(for: 4) == ["opened true", "text grüße", "binary [1, 2, 3]", "ended in order"])
            #expect(
                await heard.wait(for: 5) == ["GET /x?y HTTP/1.1", "true", "hello", "10 [7]", "8 [3, 232]"])
        }
    }

    @Test(
        arguments: [
            // Masked, reserved bits, an unknown opcode, a text that is not UTF-8, a continuation of nothing.
            [0x81, 0x81, 1, 2, 3, 4, 5], [0xC1, 0x01, 0x61], [0x83, 0x00], [0x81, 0x01, 0xFF], [0x80, 0x00],
        ] as [[UInt8]]) func `what breaks the rules ends it, once`(frame: [UInt8]) async throws
    {
        try await open(
            { _ in },
            { connection in
                try connection.acceptWebSocket()
                try connection.send(frame)
                try connection.sendText("after")
                try connection.readToEnd()
            }
        ) { _, _, lines in
            #expect(await lines.wait(for: 2) == ["opened true", "ended badResponse"])
        }
    }

    @Test func `a message over the limit ends it`() async throws {
        try await open(
            { $0.limits.messageBytes = 100 },
            { connection in
                try connection.acceptWebSocket()
                try connection.sendText(String(repeating: "x", count: 100))
                try connection.sendText(String(repeating: "x", count: 101))
                try connection.readToEnd()
            }
        ) { _, _, lines in
            #expect(await lines.wait(for: 3).last == "ended badResponse")
            #expect(lines.all.count == 3)
        }
    }

    @Test func `a handshake that is not completed in time, or refused, or cut, is an error`() async throws {
        try await open({ $0.connectTimeout = .milliseconds(50) }, { try $0.readToEnd() }) { _, _, lines in
            #expect(await lines.wait(for: 1) == ["ended timedOut"])
        }
        try await open(
            { _ in },
            { connection in
                _ = try connection.readRequest()
                try connection.send("HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno")
            }
        ) { _, _, lines in
            #expect(await lines.wait(for: 1) == ["ended badResponse"])
        }
        try await open({ _ in }, { _ = try $0.readRequest() }) { _, _, lines in
            #expect(await lines.wait(for: 1) == ["ended connectionLost"])
        }
    }

    @Test func `closed, it tells nobody, and waits for a server that does not answer no longer than closeTime`()
        async throws
    {
        let ended = Lines()
        try await open(
            { _ in },
            { connection in
                try connection.acceptWebSocket()
                _ = try connection.readText()
                while try connection.readFrame().opcode != 8 {}
                do { try connection.readToEnd() } catch { ended.append("ended") }
            }
        ) { loop, webSocket, lines in
            #expect(await lines.wait(for: 1) == ["opened true"])
            await loop.call { _ in webSocket.value.close() }
            #expect(await ended.wait(for: 1) == ["ended"])
            #expect(lines.all == ["opened true"])
            #expect(await loop.call { _ in !webSocket.value.isWritable })
        }
    }
}
