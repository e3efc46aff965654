import AdapterConformance
import SocketIO
import SocketIOWire
import Synchronization
import Testing

@testable import SocketIORedis

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct StreamLossTests {
    private func add(_ event: [JSONValue], over tap: RedisTap) {
        add(.broadcast(ClusterPacket(values: event), ClusterSelection(), request: nil), over: tap)
    }

    private func add(_ content: ClusterAdapterMessage.Content, over tap: RedisTap) {
        let message = ClusterAdapterMessage(uid: "0123456789abcdef", namespace: "/", content: content)
        let words = ["XADD", "socket.io", "*"].map { Array($0.utf8) }
        tap.client.send(RedisCommand(words + message.streamFields()))
    }

    @Test func `a node whose connections are killed misses nothing of the stream, and has nothing twice`() async throws
    {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        try await Nodes.run(1, joined: Joining(makeAdapter: { try RedisStreamsAdapter(url) })) { nodes in
            let client = try await nodes.client("a", of: 0)
            let reads = Atomic(false)
            nodes[0].onServerSideEmit("sync") { reads.store(true, ordering: .relaxed) }
            let tap = try RedisTap(redis.url)
            // It reads what is added once it is there.
            try await eventually("the node reads") {
                add(.serverSideEmit(["sync"], request: nil), over: tap)
                return reads.load(ordering: .relaxed)
            }
            for number in 0..<200 {
                add(["n", .integer(Int64(number))], over: tap)
                guard number % 50 == 25 else { continue }
                // All but the tap's own.
                for kind in ["normal", "pubsub"] {
                    _ = try await tap.client.call(RedisCommand("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes"))
                }
            }
            add(["end"], over: tap)
            #expect(try await client.heard(before: "end") == (0..<200).map { "n \($0)" })
            // Requests work again, too.
            try await eventually("the node is subscribed again") { await nodes[0].nodeCount == 1 }
            #expect(await nodes[0].sockets().map(\.id) == [client.id])
            await tap.end()
        }
        withExtendedLifetime(redis) {}
    }

    @Test func `what waits for the stream holds so much at most, and then waits no longer, in order`() async throws {
        let redis = try RedisServer()
        let reader = try StreamTap(redis.url, reading: "s", replyBytes: 1_000_000)
        try await eventually("it reads") { reader.isSubscribed }
        // All within one turn, in which Redis cannot tell where the stream ends.
        let limit = RedisStreamReader.maxWaitingBytes
        #expect(await reader.afterStream([limit - 1, 1, 1, limit, 1]) == [[], [], [0, 1, 2], [], [3, 4]])
        await reader.end()
        withExtendedLifetime(redis) {}
    }

    @Test func `a stream that nodes send from one to the other is followed so often at most, and then slowly`()
        async throws
    {
        // Each says that it is at the other: both are this one.
        let redis = try await ScriptedRedis.start { words, port in
            words[0] == "XREVRANGE" ? "-MOVED 1 127.0.0.1:\(port)" : nil
        }
        var settings = RedisSession.Settings()
        settings.backoff = ReconnectionBackoff(
            minimum: .milliseconds(1), maximum: .milliseconds(2), randomization: 0.5)
        let log = LogRecorder()
        let thread = try RedisThread(
            RedisURL("redis://127.0.0.1:\(redis.port)"), reading: "s", settings: settings
        ) { RedisLog(logger: log, on: $0) }
        try await eventually("the log says so: \(log.all)") { log.contains("refused what was sent: MOVED 1") }
        // The next one comes after a second.
        #expect(redis.count(of: "XREVRANGE") == RedisRouter.maxRedirections + 1)
        try await eventually("it goes on") { redis.count(of: "XREVRANGE") > RedisRouter.maxRedirections + 1 }
        withExtendedLifetime(thread) {}
        await redis.stop()
    }

    @Test func `a page of the stream that does not begin with what it is behind has a gap`() {
        func place(_ milliseconds: UInt64) -> RedisStreamID { RedisStreamID(milliseconds: milliseconds, sequence: 0) }
        func isGapless(_ places: ClosedRange<UInt64>?, behind: UInt64, readUpTo last: UInt64 = 9) -> Bool {
            let entries = (places.map(Array.init) ?? []).map { RedisStreamEntry(id: place($0), fields: []) }
            return StreamsReturn.isGapless(
                entries, behind: behind == 0 ? .zero : place(behind), readUpTo: last == 0 ? .zero : place(last))
        }
        #expect(isGapless(4...9, behind: 4))
        #expect(isGapless(4...4, behind: 4))
        // Trimmed since the page before.
        #expect(!isGapless(5...9, behind: 4))
        #expect(!isGapless(nil, behind: 4))
        // From the beginning of a stream of which nothing was cut off.
        #expect(isGapless(1...9, behind: 0))
        #expect(isGapless(nil, behind: 0, readUpTo: 0))
        #expect(!isGapless(nil, behind: 0))
    }

    @Test func `entries that are too large to be read together are read one by one`() async throws {
        let redis = try RedisServer()
        let tap = try RedisTap(redis.url)
        let reader = try StreamTap(redis.url, reading: "s", replyBytes: 1_000_000)
        try await eventually("it reads") { reader.isSubscribed }
        // At once: more than one reply may hold.
        tap.client.send(RedisCommand("MULTI"))
        for number in 0..<40 {
            let text = "\(number) " + String(repeating: "x", count: 100_000)
            tap.client.send(RedisCommand("XADD", "s", "*", "text", text))
        }
        _ = try await tap.client.call(RedisCommand("EXEC"))
        try await eventually("all are read") { reader.read.count >= 40 }
        #expect(reader.read == (0..<40).map { "\($0)" })
        await reader.end()
        await tap.end()
    }
}
