import AdapterConformance
import SocketIO
import SocketIOWire
import Synchronization
import Testing

@testable import SocketIORedis

/// What an application is told of what it has sent to other nodes, over a real Redis.
@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct PublicationTests {
    enum Form: CaseIterable {
        case channels
        case sharded
        case stream
        /// Of which what is sent goes to Redis and back.
        case kept

        func adapter(_ url: RedisURL) throws -> any Adapter {
            switch self {
            case .channels: try RedisAdapter(url)
            case .sharded: try ShardedRedisAdapter(url)
            case .stream, .kept: try RedisStreamsAdapter(url)
            }
        }
    }

    private func play(_ form: Form, _ body: (RedisServer, SocketIOServer, RedisTap) async throws -> Void) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        let tap = try RedisTap(redis.url)
        try await Nodes.run(
            1, joined: Joining(makeAdapter: { try form.adapter(url) }), { if form == .kept { $0.recovery = .init() } }
        ) { nodes in
            try await body(redis, nodes[0], tap)
        }
        await tap.end()
    }

    private func publish(over io: SocketIOServer, timeout: Duration = .seconds(20)) async -> PublicationError.Code? {
        do throws(PublicationError) {
            try await io.waitUntilPublished(timeout: timeout) { io.to("room").emit("x") }
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: Form.allCases) func `what is confirmed is in Redis`(_ form: Form) async throws {
        try await play(form) { _, io, tap in
            let command = form == .channels ? "publish" : form == .sharded ? "spublish" : "xadd"
            for count in 1...10 {
                #expect(await publish(over: io) == nil)
                let info = try await tap.call("INFO", "commandstats")
                #expect(info.contains("cmdstat_\(command):calls=\(count),"))
            }
        }
    }

    @Test(arguments: Form.allCases) func `what Redis refuses is lost, and known to be`(_ form: Form) async throws {
        try await play(form) { _, io, tap in
            for _ in 0..<3 {
                try await tap.call("ACL", "SETUSER", "default", "-publish", "-spublish", "-xadd")
                #expect(await publish(over: io) == .lost)
                try await tap.call("ACL", "SETUSER", "default", "+@all")
                #expect(await publish(over: io) == nil)
            }
        }
    }

    @Test(arguments: Form.allCases)
    func `what Redis had not taken when it was killed is lost, and known to be`(_ form: Form) async throws {
        try await play(form) { redis, io, tap in
            #expect(await publish(over: io) == nil)
            func blockedCount() async throws -> Int {
                let info = try await tap.call("INFO", "clients")
                let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("blocked_clients:") }
                return line.flatMap { Int($0.dropFirst("blocked_clients:".count)) } ?? -1
            }
            // It answers what changes nothing.
            try await tap.call("CLIENT", "PAUSE", "100000", "WRITE")
            let isReading = form == .stream || form == .kept
            let task = Task { await publish(over: io) }
            // Who reads a stream is blocked all the time.
            try await eventually("it was sent") { (try? await blockedCount()) == (isReading ? 2 : 1) }
            redis.kill()
            #expect(await task.value == .lost)
            try redis.start()
            try await eventually("it works again") { await publish(over: io) == nil }
        }
    }

    @Test(arguments: Form.allCases)
    func `while Redis is away it is waited for, and what was sent comes when it is back`(_ form: Form) async throws {
        try await play(form) { redis, io, tap in
            #expect(await publish(over: io) == nil)
            redis.kill()
            try await eventually("Redis is known to be away; until then it is lost at once") {
                await publish(over: io, timeout: .milliseconds(50)) == .timedOut
            }
            let task = Task { await publish(over: io) }
            try redis.start()
            #expect(await task.value == nil)
            let info = try await tap.call("INFO", "commandstats")
            #expect(info.contains("publish:calls=") || info.contains("xadd:calls="))
        }
    }

    @Test func `what is over the limit of what waits is lost, and known to be`() async throws {
        // Nobody listens there.
        let url = try RedisURL("redis://127.0.0.1:\(RedisServer.freePort())")
        var settings = RedisSession.Settings()
        settings.unansweredBytes = 4_000
        let thread = try RedisThread(url, settings: settings) { RedisLog(logger: LogRecorder(), on: $0) }
        let told = Mutex<[Bool]>([])
        for _ in 0..<4_000 {
            let send = { thread.client.send(RedisCommand("SET", "k", "v")) }
            thread.client.confirm(send) { isThere in told.withLock { $0.append(isThere) } }
        }
        try await eventually("those over it are told") { told.withLock { $0.count } >= 3_900 }
        #expect(told.withLock { !$0.contains(true) && $0.count < 4_000 })
    }
}
