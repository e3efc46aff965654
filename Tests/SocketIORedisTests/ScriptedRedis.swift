import NetLoop
import SocketIOWire
import Synchronization

/// What answers as a Redis of long ago would, and whatever the test wants to some commands.
final class ScriptedRedis: Sendable {
    /// Nil for an ordinary answer.
    typealias Script = @Sendable (_ words: [String], _ port: UInt16) -> String?

    let port: UInt16
    private let group: EventLoopGroup
    private let script: Script
    private let commands = Mutex<[String: Int]>([:])

    static func start(_ script: @escaping Script) async throws -> ScriptedRedis {
        let group = try EventLoopGroup(count: 1)
        let made = Mutex<ScriptedRedis?>(nil)
        let bound = await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(on: SocketAddress(host: "127.0.0.1", port: 0)!, loop: loop, group: group) {
                    connection in
                    if let redis = made.withLock({ $0 }) { connection.handler = Talk(redis) }
                }
                return listener.address.port
            }
        }
        let redis = ScriptedRedis(port: try bound.get(), group: group, script)
        made.withLock { $0 = redis }
        return redis
    }

    private init(port: UInt16, group: EventLoopGroup, _ script: @escaping Script) {
        (self.port, self.group, self.script) = (port, group, script)
    }

    /// How often it was sent.
    func count(of command: String) -> Int { commands.withLock { $0[command] ?? 0 } }

    func stop() async {
        await group.loops[0].call { $0.closeAll() }
        group.stop()
    }

    fileprivate func answer(_ words: [String]) -> String {
        commands.withLock { $0[words[0], default: 0] += 1 }
        if let answer = script(words, port) { return answer }
        return words[0] == "HELLO" ? "-ERR unknown command" : "+OK"
    }
}

private final class Talk: ConnectionHandler {
    private let redis: ScriptedRedis
    private var reader = RESPReader()

    init(_ redis: ScriptedRedis) {
        self.redis = redis
    }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        var index = 0
        while let value = try? reader.next(in: bytes.span, from: &index) {
            let words = value.elements?.compactMap(\.text) ?? []
            connection.send(Array((redis.answer(words) + "\r\n").utf8))
        }
    }

    func peerFinished(_ connection: TCPConnection) { connection.close() }
    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {}
}
