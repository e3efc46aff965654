import NetLoop
import SocketIOWire
import Synchronization
import Testing

@testable import SocketIOClient

/// What a session of long-polling sends, and when. `HostileServerTests` has what it makes of what it gets.
@Suite struct EngineConnectionTests {
    private final class Delegate: ClientEngineDelegate {
        let lines: Lines
        init(_ lines: Lines) { self.lines = lines }

        func engineOpened(_ engine: any ClientEngine) { lines.append("opened \(engine.isWritable)") }
        func engineReceived(text: Span<UInt8>, on engine: any ClientEngine) {
            lines.append("text \(String(validating: text) ?? "")")
        }
        func engineReceived(binary: [UInt8], on engine: any ClientEngine) { lines.append("binary \(binary)") }
        func engineUpgraded(_ engine: any ClientEngine) { lines.append("upgraded") }
        func enginePinged(_ engine: any ClientEngine) { lines.append("pinged") }
        func engineClosed(_ engine: any ClientEngine, because reason: EngineCloseReason, error: ClientError?) {
            lines.append("closed \(ClientSocket.DisconnectReason(reason)) \(error?.code.description ?? "")")
        }
    }

    /// A server whose second poll has `packets`, and whose third one is never answered.
    private final class Server: Sendable {
        let posts = Lines()
        private let polls = Atomic(0)
        private let packets: String

        init(_ packets: String) { self.packets = packets }

        func serve(_ connection: ScriptedServer.Connection) throws {
            while true {
                let head = try connection.readRequest()
                if head.hasPrefix("POST") {
                    posts.append(connection.body)
                    try respond("ok", connection)
                    continue
                }
                switch polls.wrappingAdd(1, ordering: .relaxed).newValue {
                case 1:
                    try respond(
                        #"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}"#,
                        connection)
                case 2: try respond(packets, connection)
                default: try connection.readToEnd()
                }
            }
        }

        private func respond(_ body: String, _ connection: ScriptedServer.Connection) throws {
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    private func open(
        packets: String = "6", _ configure: (inout ClientManager.Configuration) -> Void = { _ in },
        _ body: (EventLoop, LoopBound<EngineConnection>, Lines, Lines) async throws -> Void
    ) async throws {
        let server = Server(packets)
        let scripted = try ScriptedServer { try server.serve($0) }
        defer { scripted.stop() }
        var configuration = ClientManager.Configuration()
        configuration.limits.closeTime = .milliseconds(500)
        configure(&configuration)
        let address = try configuration.address(url: scripted.url, connections: ConnectionCount())
        let (loop, lines) = (try ClientLoops.next(), Lines())
        let engine = LoopBound(
            EngineConnection(
                EngineConnection.Settings(
                    endpoint: address.endpoint, target: address.target, transport: .polling, upgrades: true,
                    packetsPerPayload: 10), on: loop, delegate: Delegate(lines)), on: loop)
        await loop.call { _ in engine.value.start() }
        #expect(await lines.wait(for: 1).first == "opened true")
        try await body(loop, engine, lines, server.posts)
        await loop.call { _ in engine.value.close() }
    }

    @Test func `what is sent within one turn is one POST, in order, bytes as base64`() async throws {
        try await open { loop, engine, _, posts in
            await loop.call { _ in
                for text in ["4a", "4b"] { engine.value.send(text: text.utf8.span) }
                engine.value.send(binary: [1, 2, 3])
                engine.value.send(text: "4c".utf8.span)
            }
            #expect(await posts.wait(for: 1) == ["4a\u{1E}4b\u{1E}bAQID\u{1E}4c"])
        }
    }

    @Test func `no POST is over what the server takes`() async throws {
        try await open { loop, engine, _, posts in
            let text = "4" + String(repeating: "x", count: 59)
            await loop.call { _ in for _ in 0..<3 { engine.value.send(text: text.utf8.span) } }
            #expect(await posts.wait(for: 3) == [text, text, text])
        }
    }

    @Test func `all packets of a poll are told in order, and a ping is answered`() async throws {
        try await open(packets: "4one\u{1E}bAQID\u{1E}2\u{1E}4two") { _, _, lines, posts in
            #expect(
                await lines.wait(for: 5) == ["opened true", "text one", "binary [1, 2, 3]", "pinged", "text two"])
            #expect(await posts.wait(for: 1) == ["3"])
        }
    }

    @Test func `closed, it sends what waits and then the close packet, and tells nobody`() async throws {
        try await open { loop, engine, lines, posts in
            await loop.call { _ in
                engine.value.send(text: "4last".utf8.span)
                engine.value.close()
                engine.value.send(text: "4late".utf8.span)
            }
            #expect(await posts.wait(for: 1) == ["4last\u{1E}1"])
            #expect(lines.all == ["opened true"])
        }
    }

    @Test func `over what may wait it ends with the turn, and not while somebody sends`() async throws {
        try await open({ $0.limits.unsentBytes = 100 }) { loop, engine, lines, posts in
            let count = await loop.call { _ in
                for _ in 0..<10 { engine.value.send(text: "4\(String(repeating: "x", count: 49))".utf8.span) }
                return lines.all.count
            }
            #expect(count == 1)
            #expect(await lines.wait(for: 2).last == "closed transport error connectionLost")
            #expect(posts.all.isEmpty)
        }
    }
}
