import SocketIO
import Synchronization
import Testing

/// What is configured: any duration, and when it takes effect.
@Suite(.timeLimit(.minutes(1))) struct ConfiguredTests {
    private final class Lines: ServerLogger {
        let level = LogLevel.warning
        private let kept = Mutex<[String]>([])
        var count: Int { kept.withLock { $0.count } }

        func log(_ level: LogLevel, _ message: String) { kept.withLock { $0.append(message) } }
    }

    private struct Unencodable: Encodable {
        struct Refusal: Error {}

        func encode(to encoder: any Encoder) throws { throw Refusal() }
    }

    @Test func `a logger takes effect with the next listen, as everything else does`() async throws {
        let (first, second) = (Lines(), Lines())
        let io = SocketIOServer()
        io.configuration.logger = first
        try await io.listen(host: "127.0.0.1", port: 0)
        io.configuration.logger = second
        io.emit("never", Unencodable())
        #expect((first.count, second.count) == (1, 0))
        await io.close()
        try await io.listen(host: "127.0.0.1", port: 0)
        io.emit("never", Unencodable())
        #expect((first.count, second.count) == (1, 1))
        await io.close()
    }

    @Test(arguments: [.zero, .seconds(-1), .seconds(Int64.min), .seconds(Int64.max), Duration(attoseconds: .max)])
    func `a duration of any length stops nobody`(duration: Duration) async throws {
        try await serve({ $0.limits.attachmentTime = duration }) { io, port in
            io.onConnection { socket in
                socket.on("ask") { (_: String) async in
                    let _: String? = try? await socket.emitWithAck("asked", timeout: duration)
                }
                socket.on("all") { (_: String) async in
                    let _: BroadcastReplies<String> = await io.emitWithAck("asked", timeout: duration)
                }
                socket.on("bin") { (bytes: [UInt8]) in socket.emit("done", bytes.count) }
            }
            let peer = try Peer(port)
            try peer.send(#"2["ask","x"]"#)
            try peer.send(#"2["all","x"]"#)
            try peer.send(#"51-["bin",{"_placeholder":true,"num":0}]"#)
        }
        try await serve({ $0.connectTimeout = duration }) { io, port in _ = try? Peer(port) }
    }
}
