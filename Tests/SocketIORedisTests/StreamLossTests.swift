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
