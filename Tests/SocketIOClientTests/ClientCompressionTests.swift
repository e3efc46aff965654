import SocketIO
import SocketIOClient
import Testing

/// permessage-deflate between our client and our server.
@Suite(.timeLimit(.minutes(2))) struct ClientCompressionTests {
    /// Bytes that go over the network for ten texts of 100,000 bytes, which go to the server and back.
    private func traffic(
        server: (inout SocketIOServer.Configuration) -> Void, client: (inout ClientManager.Configuration) -> Void
    ) async throws -> Int {
        var byteCount = 0
        try await serve(loops: 1, server) { io, url in
            io.on("echo") { (_: Socket, text: String, bytes: [UInt8]) in EventArgumentsPair(text: text, bytes: bytes) }
            try await withManager(url) { configuration in
                configuration.transports = [.webSocket]
                client(&configuration)
            } _: { manager in
                let socket = manager.socket()
                try await socket.connect()
                for number in 0..<10 {
                    let text = String(repeating: "\(number) é ", count: 20_000)
                    let sent = EventArgumentsPair(text: text, bytes: Array(repeating: UInt8(number), count: 20_000))
                    let reply: EventArgumentsPair = try await socket.emitWithAck("echo", sent.text, sent.bytes)
                    #expect(reply == sent)
                }
            }
            let metrics = await io.metrics
            byteCount = metrics.receivedBytes + metrics.sentBytes
        }
        return byteCount
    }

    private struct EventArgumentsPair: Codable, Equatable, Sendable {
        let text: String
        let bytes: [UInt8]
    }

    @Test func `messages are compressed both ways`() async throws {
        for goesOn in [false, true] {
            let traffic = try await traffic {
                $0.engine.perMessageDeflate = .init()
                $0.engine.perMessageDeflate?.serverNoContextTakeover = !goesOn
                $0.engine.perMessageDeflate?.clientNoContextTakeover = !goesOn
                $0.engine.perMessageDeflate?.serverMaxWindowBits = goesOn ? 9 : 15
                $0.engine.perMessageDeflate?.clientMaxWindowBits = goesOn ? 8 : 15
            } client: {
                $0.perMessageDeflate = .init()
            }
            #expect(traffic < 200_000)
        }
    }

    @Test func `without both ends nothing is`() async throws {
        let clientAlone = try await traffic { _ in
        } client: {
            $0.perMessageDeflate = .init()
        }
        let serverAlone = try await traffic {
            $0.engine.perMessageDeflate = .init()
        } client: { _ in
        }
        #expect(clientAlone > 2_000_000 && serverAlone > 2_000_000)
    }
}
