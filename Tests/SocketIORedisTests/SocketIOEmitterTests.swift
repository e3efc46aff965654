import AdapterConformance
import SocketIO
import SocketIOWire
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct SocketIOEmitterTests {
    enum Form: Sendable, CaseIterable {
        case channels
        case stream

        func adapter(_ url: RedisURL) throws -> any Adapter {
            switch self {
            case .channels: try RedisAdapter(url)
            case .stream: try RedisStreamsAdapter(url)
            }
        }

        func emitter(_ url: RedisURL) throws -> SocketIOEmitter {
            switch self {
            case .channels: try SocketIOEmitter(redis: url, logger: NoLog())
            case .stream: try SocketIOEmitter(redisStreams: url, logger: NoLog())
            }
        }
    }

    @Test func `close waits for what is kept, also where there is no room for a further question`() async throws {
        let redis = try RedisServer()
        let tap = try await RedisTap(redis.url, hearing: "socket.io#/#*")
        var settings = RedisSession.Settings()
        settings.unansweredBytes = 2_000
        for round in 0..<20 {
            let link = try EmitterLink(
                RedisURL(redis.url), to: .channels(key: "socket.io"), logger: NoLog(), settings: settings)
            let known = tap.heardCount
            // Each round leaves another rest.
            let event = try #require(link.event("e", String(repeating: "x", count: 8 * round)))
            link.publish(.broadcast(event, ClusterAudience(), ClusterFlags()), in: "/")
            try await eventually("it is connected") { tap.heardCount > known }
            _ = try await tap.client.call(RedisCommand("CLIENT", "PAUSE", "30", "ALL"))
            for _ in 0..<100 { link.publish(.broadcast(event, ClusterAudience(), ClusterFlags()), in: "/") }
            #expect(await link.close(within: .seconds(20)), "round \(round)")
        }
        await tap.end()
    }

    @Test(arguments: Form.allCases)
    func `an emitter is heard by the clients and the servers of all nodes`(_ form: Form) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        try await Nodes.run(2, joined: Joining(makeAdapter: { try form.adapter(url) })) { nodes in
            let a = try await nodes.client("a", of: 0, in: "red")
            let b = try await nodes.client("b", of: 1, in: "blue")
            let other = try await nodes.client("other", of: 1, namespace: "/other")
            let heard = Mutex<[String]>([])
            for (number, io) in nodes.servers.enumerated() {
                io.onServerSideEmit("servers") { (value: Int, bytes: [UInt8]) in
                    heard.withLock { $0.append("\(number): \(value) \(bytes)") }
                }
            }
            let emitter = try form.emitter(url)
            emitter.emit("all", 1, "two", JSONValue.null)
            emitter.to("red").emit("red", ["k": [1.5]])
            emitter.except("red").volatile.emit("not red")
            emitter.except(a.id).emit("not a")
            emitter.to(b.id).emit("for b")
            emitter.to("red", "blue").emit("both")
            emitter.namespace("other").emit("other")
            emitter.namespace("other").emit("end")
            emitter.to("red").socketsJoin("x", "y")
            emitter.to("x").emit("x")
            emitter.socketsLeave("x")
            emitter.to("x").emit("nobody")
            // A name that came from elsewhere harms nobody.
            emitter.emit("disconnect" as String)
            emitter.serverSideEmit("servers", 7, [UInt8]([3]))
            emitter.emit("end")
            try expect(
                "a", try await a.heard(before: "end"),
                [#"all 1 "two" null"#, #"red {"k":[1.5]}"#, "both", "x"])
            try expect(
                "b", try await b.heard(before: "end"), [#"all 1 "two" null"#, "not red", "not a", "for b", "both"])
            try expect("other", try await other.heard(before: "end"), ["other"])
            try await eventually("the servers have heard") {
                heard.withLock { Set($0) } == ["0: 7 [3]", "1: 7 [3]"]
            }
            emitter.to("red").disconnectSockets(closingConnection: true)
            try await eventually("a has left") { a.hasLeft }
            #expect(!b.hasLeft)
            #expect(await emitter.close())
        }
        withExtendedLifetime(redis) {}
    }

    @Test func `ends although Redis is not there`() async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        redis.kill()
        let emitter = try SocketIOEmitter(redis: url, logger: NoLog())
        emitter.emit("e")
        #expect(await emitter.close(within: .milliseconds(50)) == false)
    }

    /// The calls that were recorded of Node's emitters, by the names of the recordings.
    private static let calls: [(name: String, call: @Sendable (SocketIOEmitter) -> Void)] = [
        ("emit", { $0.emit("e", 1, "two", true, false, JSONValue.null) }), ("emit-no-args", { $0.emit("e") }),
        ("to", { $0.to("r1").emit("e", 1) }), ("in-array", { $0.to("r1", "r2").emit("e", 1) }),
        ("to-to", { $0.to("r1").to("r2").emit("e", 1) }), ("except", { $0.except("r3").emit("e", 1) }),
        ("to-except-array", { $0.to("r1").except("r2", "r3").emit("e", 1) }),
        ("to-socket-id", { $0.to(SocketID("U9jeLtFXurDSX4fzAAAA")).emit("e", 1) }),
        ("volatile", { $0.volatile.emit("e", 1) }), ("of", { $0.namespace("/chat").emit("e", 1) }),
        ("compress-false", { $0.compress(false).emit("e", 1) }),
        ("volatile-compress-to", { $0.volatile.compress(true).to("r1").emit("e", 1) }),
        ("of-to", { $0.namespace("/chat").to("r1").emit("e", 1) }),
        ("of-root", { $0.namespace("/chat").namespace("/").emit("e", 1) }),
        ("binary", { $0.emit("e", [UInt8]([1, 2]), ["a": [[UInt8]([255])]]) }),
        ("to-binary", { $0.to("r1").emit("e", [UInt8]([1])) }), ("socketsJoin", { $0.socketsJoin("r4") }),
        ("socketsJoin-array-room-except", { $0.to("r1").except("r2").socketsJoin("r4", "r5") }),
        ("socketsLeave", { $0.socketsLeave("r4") }), ("socketsLeave-array", { $0.to("r1").socketsLeave("r4", "r5") }),
        ("disconnectSockets", { $0.disconnectSockets() }),
        ("disconnectSockets-true-room", { $0.to("r1").disconnectSockets(closingConnection: true) }),
        ("of-socketsJoin", { $0.namespace("/chat").socketsJoin("r4") }),
        ("serverSideEmit", { $0.serverSideEmit("ss", 1, "two") }),
        ("serverSideEmit-no-args", { $0.serverSideEmit("ss") }),
        ("serverSideEmit-binary", { $0.serverSideEmit("ss", [UInt8]([1])) }),
        ("of-serverSideEmit", { $0.namespace("/chat").serverSideEmit("ss", 1) }),
    ]

    @Test(.enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
    func `publishes what Node's emitter does, byte for byte`() async throws {
        let redis = try RedisServer()
        let tap = try await RedisTap(redis.url, hearing: "*")
        let emitter = try SocketIOEmitter(redis: RedisURL(redis.url))
        let recorded = try OfficialVectors.named("emitter-redis")
        for (name, call) in Self.calls {
            call(emitter)
            let expected = try #require(recorded["redis-emitter/\(name)"])
            #expect(try await tap.next() == RedisTap.Message(expected.channel, expected.bytes), "\(name)")
        }
        let other = try SocketIOEmitter(redis: RedisURL(redis.url), key: "other")
        other.to("r1").emit("e", 1)
        let expected = try #require(recorded["redis-emitter/key-option"])
        #expect(try await tap.next() == RedisTap.Message(expected.channel, expected.bytes))
        #expect(await other.close())
        #expect(await emitter.close())
        await tap.end()
    }

    @Test(.enabled(if: OfficialVectors.areThere, "the recorded traffic is not in ../shared/vectors/official"))
    func `adds to the stream what Node's emitter does, byte for byte`() async throws {
        let redis = try RedisServer()
        let emitter = try SocketIOEmitter(redisStreams: RedisURL(redis.url))
        let recorded = try OfficialVectors.named("emitter-streams")
        for (_, call) in Self.calls { call(emitter) }
        #expect(await emitter.close())
        let tap = try RedisTap(redis.url)
        let reply = try await tap.client.call(RedisCommand("XRANGE", "socket.io", "-", "+"))
        let entries = try #require(RedisStreamEntry.list(ofRange: reply))
        #expect(entries.count == Self.calls.count)
        for ((name, _), entry) in zip(Self.calls, entries) {
            let expected = try #require(recorded["streams-emitter/\(name)"])
            let head = ["uid", "nsp", "type"].flatMap { [Array($0.utf8), Array((expected.fields[$0] ?? "").utf8)] }
            #expect(entry.fields == head + [Array("data".utf8), expected.bytes], "\(name)")
        }
        await tap.end()
    }
}

private struct NoLog: ServerLogger {
    let level = LogLevel.error
    func log(_ level: LogLevel, _ message: String) {}
}
