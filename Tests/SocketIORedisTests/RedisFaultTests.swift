import AdapterConformance
import SocketIO
import SocketIOWire
import Testing

@testable import SocketIORedis

/// What may happen to a Redis, each with each adapter: everything works again without a restart, and the log says what was.
@Suite(
    .timeLimit(.minutes(3)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisFaultTests {
    enum Form: CaseIterable {
        case channels
        case sharded
        case stream

        func adapter(_ url: RedisURL) throws -> any Adapter {
            switch self {
            case .channels: try RedisAdapter(url)
            case .sharded: try ShardedRedisAdapter(url)
            case .stream: try RedisStreamsAdapter(url)
            }
        }
    }

    /// Two nodes with a client each, and what is done to their Redis.
    private struct Scene {
        let redis: RedisServer
        let nodes: Nodes
        let tap: RedisTap
        let log: LogRecorder
        let a: TestClient
        let b: TestClient

        /// Until something that is sent from one node has come to the other, and one is asked about by the other.
        func worksAgain(_ name: String) async throws {
            try await eventually("what is sent arrives: \(name); \(log.all)") {
                nodes[0].to("red").emit(name)
                return b.hasHeard(name)
            }
            try await eventually("all are found: \(name); \(log.all)") {
                let found = await nodes[0].sockets(timeout: .milliseconds(500))
                return found.isComplete && Set(found.map(\.id)) == [a.id, b.id]
            }
        }
    }

    private func play(_ form: Form, _ options: [String] = [], _ body: (Scene) async throws -> Void) async throws {
        let redis = try RedisServer(options)
        let url = try RedisURL(redis.url)
        let log = LogRecorder()
        try await Nodes.run(
            2, joined: Joining(makeAdapter: { try form.adapter(url) }), { $0.logger = log }
        ) { nodes in
            let a = try await nodes.client("a", of: 0, in: "red")
            let b = try await nodes.client("b", of: 1, in: "red")
            let scene = Scene(redis: redis, nodes: nodes, tap: try RedisTap(redis.url), log: log, a: a, b: b)
            try await scene.worksAgain("before")
            try await body(scene)
            await scene.tap.end()
        }
        withExtendedLifetime(redis) {}
    }

    @Test(arguments: Form.allCases)
    func `connections that are killed are made again`(_ form: Form) async throws {
        try await play(form) { scene in
            for kind in ["normal", "pubsub"] {
                try await scene.tap.call("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            }
            try await eventually("the log says so") { scene.log.contains("Redis closed the connection") }
            try await scene.worksAgain("after")
            try await eventually("the log says so") { scene.log.contains("is there again") }
        }
    }

    @Test(arguments: Form.allCases)
    func `what is sent while Redis pauses arrives behind the pause, in order`(_ form: Form) async throws {
        try await play(form) { scene in
            try await scene.tap.call("CLIENT", "PAUSE", "300", "ALL")
            for number in 0..<100 { scene.nodes[0].to("red").emit("n", number) }
            scene.nodes[0].to("red").emit("end")
            let heard = try await scene.b.heard(before: "end").filter { $0.hasPrefix("n ") }
            #expect(heard == (0..<100).map { "n \($0)" })
            try await scene.worksAgain("after")
        }
    }

    @Test(arguments: Form.allCases)
    func `a Redis that is killed and started again is used again`(_ form: Form) async throws {
        try await play(form) { scene in
            scene.redis.kill()
            try await eventually("the log says so") { scene.log.contains("connection refused") }
            // Those of the node are served.
            scene.nodes[1].emit("local")
            try await eventually("b hears its own node") { scene.b.hasHeard("local") }
            try scene.redis.start()
            try await scene.worksAgain("after")
            try await eventually("the log says so") { scene.log.contains("is there again") }
        }
    }

    @Test(arguments: Form.allCases)
    func `a Redis that is loading what it had is waited for`(_ form: Form) async throws {
        try await play(form) { scene in
            for number in 0..<150 {
                scene.tap.client.send(RedisCommand("SET", "\(number)", String(repeating: "x", count: 100)))
            }
            try await scene.tap.call("SAVE")
            scene.redis.kill()
            // It answers every hundred bytes of the file, and takes five milliseconds for each key.
            try scene.redis.start(["--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024"])
            try await eventually("the log says so: \(scene.log.all)") { scene.log.contains("LOADING") }
            scene.nodes[0].to("red").emit("meanwhile")
            try await scene.worksAgain("after")
            try await eventually("what was sent meanwhile has come") {
                form != .stream || scene.b.hasHeard("meanwhile")
            }
        }
    }

    @Test(arguments: Form.allCases)
    func `a subscriber that Redis gives up because it holds too much for it comes back`(_ form: Form) async throws {
        try await play(form) { scene in
            try await scene.tap.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 65536 0 0")
            // It goes over channels, whatever the adapter.
            scene.nodes[0].serverSideEmit("large", String(repeating: "x", count: 400_000))
            try await eventually("the log says so") { scene.log.contains("Redis closed the connection") }
            try await scene.tap.call("CONFIG", "SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60")
            try await scene.worksAgain("after")
        }
    }

    @Test func `a stream whose entries together are more than Redis holds for a client is read in smaller parts`()
        async throws
    {
        try await play(.stream) { scene in
            try await scene.tap.call("CONFIG", "SET", "client-output-buffer-limit", "normal 500000 0 0")
            scene.tap.client.send(RedisCommand("MULTI"))
            for number in 0..<20 {
                let event = JSONValue.array([.string("n"), .integer(Int64(number)), .string(large)])
                let message = ClusterAdapterMessage(
                    uid: "0123456789abcdef", namespace: "/",
                    content: .broadcast(
                        ClusterPacket(values: event.arrayValue ?? []), ClusterSelection(), request: nil))
                let words = ["XADD", "socket.io", "*"].map { Array($0.utf8) }
                scene.tap.client.send(RedisCommand(words + message.streamFields()))
            }
            try await scene.tap.call("EXEC")
            try await scene.worksAgain("after")
            let numbers = try await scene.b.heard(before: "after").filter { $0.hasPrefix("n ") }
            #expect(numbers.map { $0.split(separator: " ")[1] } == (0..<20).map { "\($0)" })
        }
    }

    private var large: String { String(repeating: "x", count: 50_000) }
}
