import AdapterConformance
import EngineIO
import NetLoop
import SocketIO
import SocketIOWire
import TestSupport
import Testing

@testable import SocketIORedis

@Suite(
    .timeLimit(.minutes(1)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisNodeDirectoryTests {
    private static let secret = "a secret of the test's own"

    /// The milliseconds that a key has left.
    private static func timeLeft(of key: String, in redis: RedisServer) async throws -> Int64 {
        let thread = try RedisThread(RedisURL(redis.url)) { RedisLog(logger: Silence(), on: $0) }
        return try await thread.client.call(RedisCommand("PTTL", key)).integer ?? 0
    }

    private struct Silence: ServerLogger {
        let level = LogLevel.error
        func log(_ level: LogLevel, _ message: String) {}
    }

    @Test func `a node is known for its time, and no longer than it lasts`() async throws {
        let redis = try RedisServer()
        let directory = try RedisNodeDirectory(RedisURL(redis.url), logger: Silence())
        #expect(try await directory.address(of: "abcdef") == nil)
        try await directory.register("abcdef", at: "http://10.0.0.5:3000", for: .seconds(15))
        #expect(try await directory.address(of: "abcdef") == "http://10.0.0.5:3000")
        #expect((14_000...15_000).contains(try await Self.timeLeft(of: "socket.io-node:abcdef", in: redis)))
        try await directory.register("abcdef", at: "http://10.0.0.5:3000", for: .seconds(30))
        #expect((15_001...30_000).contains(try await Self.timeLeft(of: "socket.io-node:abcdef", in: redis)))
        let other = try RedisNodeDirectory(RedisURL(redis.url), keyPrefix: "other:", logger: Silence())
        #expect(try await other.address(of: "abcdef") == nil)
        try await directory.remove("abcdef")
        #expect(try await directory.address(of: "abcdef") == nil)
        try await directory.register("gone--", at: "http://10.0.0.5:3000", for: .milliseconds(1))
        var last: String? = ""
        while last != nil { last = try await directory.address(of: "gone--") }
    }

    @Test func `a directory ends with who has it, also while Redis is away`() async throws {
        // Nobody listens there.
        let url = try RedisURL("redis://127.0.0.1:\(RedisServer.freePort())")
        var directory: RedisNodeDirectory? = try RedisNodeDirectory(url, logger: Silence())
        weak let last = directory
        let told = LogRecorder()
        for _ in 0..<3 {
            // Not awaited: who never gets an answer is not to hold up the test.
            Task { [directory] in
                do {
                    try await directory?.register("abcdef", at: "http://10.0.0.5:3000", for: .seconds(15))
                } catch {
                    told.log(.error, "\(error)")
                }
            }
        }
        directory = nil
        try await eventually("all are told", patience: .seconds(10)) { told.all.count == 3 }
        #expect(told.all == Array(repeating: "timedOut", count: 3))
        try await eventually("it ends") { last == nil }
    }

    @Test func `servers that find each other over Redis serve each other's clients`() async throws {
        let redis = try RedisServer()
        // Redis is there from here on.
        _ = try await Self.timeLeft(of: "none", in: redis)
        var servers: [SocketIOServer] = []
        var ports: [Int] = []
        for _ in 0..<2 {
            var configuration = SocketIOServer.Configuration()
            configuration.engine.forwarding = NodeForwarding(
                host: "127.0.0.1", secret: Self.secret,
                directory: try RedisNodeDirectory(RedisURL(redis.url), logger: Silence()))
            configuration.engine.logger = Silence()
            let io = SocketIOServer(configuration)
            io.on("where") { (_: Socket, number: Int) in number + 1 }
            ports.append(try await io.listen(host: "127.0.0.1", port: 0).port)
            servers.append(io)
        }
        let (first, second) = (ports[0], ports[1])
        try await offPool {
            let polling = "/socket.io/?EIO=4&transport=polling"
            let opened = try RawClient(port: first).get(polling).text
            let id = opened.dropFirst(#"0{"sid":""#.count).prefix(20)
            let client = try RawClient(port: second)
            #expect(try client.post("\(polling)&sid=\(id)", "40").text == "ok")
            #expect(try client.get("\(polling)&sid=\(id)").text.hasPrefix("40{"))
            #expect(try client.post("\(polling)&sid=\(id)", #"427["where",1]"#).text == "ok")
            #expect(try client.get("\(polling)&sid=\(id)").text == "437[2]")
        }
        for io in servers { await io.close() }
    }
}
