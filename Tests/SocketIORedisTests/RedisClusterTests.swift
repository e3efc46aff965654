import AdapterConformance
import SocketIO
import SocketIOWire
import Testing

@testable import SocketIORedis

/// The adapters over a Redis Cluster of three nodes.
@Suite(
    .timeLimit(.minutes(5)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisClusterTests {
    enum Form: CaseIterable {
        case channels
        case rooms
        case stream

        /// - Parameter name: Nobody else's.
        func adapter(_ url: RedisURL, _ name: String) throws -> any Adapter {
            switch self {
            case .channels:
                var options = RedisAdapter.Options()
                options.key = name
                return try RedisAdapter(url, options: options)
            case .rooms:
                var options = ShardedRedisAdapter.Options()
                // Rooms of different nodes of the cluster are not in order with each other: braces put all on one.
                options.channelPrefix = "{\(name)}"
                return try ShardedRedisAdapter(url, options: options)
            case .stream:
                var options = RedisStreamsAdapter.Options()
                options.streamName = name
                options.channelPrefix = name
                options.usesShardedPubSub = true
                return try RedisStreamsAdapter(url, options: options)
            }
        }
    }

    /// Runs `body` with two nodes, with one client each, over a cluster.
    private func play(
        _ form: Form, timeout: Int = 15_000, _ makeAdapter: (@Sendable (RedisURL) throws -> any Adapter)? = nil,
        _ body: (RedisClusterServers, Nodes, TestClient, TestClient, LogRecorder) async throws -> Void
    ) async throws {
        let cluster = try await RedisClusterServers(timeout: timeout)
        let url = try RedisURL(cluster.url)
        let log = LogRecorder()
        let joining = Joining(makeAdapter: { try makeAdapter?(url) ?? form.adapter(url, "socket.io") })
        let result: Result<Void, any Error>
        do {
            try await Nodes.run(2, joined: joining, { $0.logger = log }) { nodes in
                let a = try await nodes.client("a", of: 0, in: "red")
                let b = try await nodes.client("b", of: 1, in: "red")
                try await works(nodes, b, "before", log)
                try await body(cluster, nodes, a, b, log)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cluster.end()
        try result.get()
    }

    /// Until something that is sent from one node has come to the other, and both are found.
    private func works(_ nodes: Nodes, _ b: TestClient, _ name: String, _ log: LogRecorder) async throws {
        try await eventually("what is sent arrives: \(name); \(log.all)", patience: .seconds(40)) {
            nodes[0].to("red").emit(name)
            return b.hasHeard(name)
        }
        try await eventually("all are found: \(name); \(log.all)") {
            let found = await nodes[0].sockets(timeout: .milliseconds(500))
            return found.isComplete && found.count == 2
        }
    }

    /// In one cluster, one case after the other: it takes a while until three know each other. Of the adapters that differ
    /// less from what they are over one Redis, each third.
    @Test(arguments: Form.allCases)
    func `servers that are joined by a cluster of Redis are one`(_ form: Form) async throws {
        let cluster = try await RedisClusterServers()
        let url = try RedisURL(cluster.url)
        for (number, test) in AdapterCase.withoutSilence.enumerated() where form == .rooms || number % 3 == 0 {
            let made = MadeAdapters()
            let settle = { @Sendable () async throws in
                try await eventually("Redis knows who hears what") {
                    var count = 0
                    for tap in cluster.taps { count += await tap.shardSubscriptionCount }
                    return count == made.subscriptionCount
                }
            }
            let joining = Joining(
                makeAdapter: { made.note(try form.adapter(url, "case \(number)")) },
                settle: form == .rooms ? settle : nil)
            do {
                try await test.run(joining)
            } catch {
                Issue.record("\(test): \(error)")
            }
        }
        await cluster.end()
    }

    @Test func `rooms are spread over the cluster, and each is heard by who is in it`() async throws {
        try await play(.rooms, { try ShardedRedisAdapter($0) }) { cluster, nodes, a, b, _ in
            let rooms = (0..<30).map { "room \($0)" }
            let owners = Set(rooms.map { cluster.owner(of: "socket.io#/#\($0)#") })
            #expect(owners == [0, 1, 2])
            for room in rooms { nodes[1].to("red").local.socketsJoin(Room(room)) }
            for room in rooms {
                try await eventually("\(room) is heard") {
                    nodes[0].to(Room(room)).emit(room)
                    return b.hasHeard(room)
                }
                #expect(!a.hasHeard(room))
            }
            // Each node of the cluster has subscribers.
            for tap in cluster.taps { #expect(await tap.shardSubscriptionCount > 0) }
        }
    }

    @Test func `a slot that is moved takes its channels with it`() async throws {
        try await play(.rooms, { try ShardedRedisAdapter($0) }) { cluster, nodes, _, b, log in
            let channel = "socket.io#/#red#"
            var sent = 0
            func send(_ count: Int) {
                for _ in 0..<count {
                    nodes[0].to("red").emit("n", sent)
                    sent += 1
                }
            }
            for round in 0..<3 {
                send(50)
                let old = cluster.owner(of: channel)
                try await cluster.move(channel, to: (old + 1) % 3) { send(50) }
                send(50)
                try await works(nodes, b, "round \(round)", log)
            }
            nodes[0].to("red").emit("end")
            let numbers = try await b.heard(before: "end").compactMap {
                $0.hasPrefix("n ") ? Int($0.dropFirst(2)) : nil
            }
            // What was published while the channel had no subscribers is lost; nothing else is, or comes twice.
            #expect(numbers == numbers.sorted())
            #expect(Set(numbers).count == numbers.count)
            #expect(numbers.count >= 150)
            try await eventually("the log says so: \(log.all)") { log.contains("has moved slots, which are followed") }
        }
    }

    @Test func `a stream whose slot is moved is written and read on, with nothing lost`() async throws {
        try await play(.stream) { cluster, nodes, _, b, log in
            var sent = 0
            func send(_ count: Int) {
                for _ in 0..<count {
                    nodes[0].to("red").emit("n", sent)
                    sent += 1
                }
            }
            for round in 0..<3 {
                send(50)
                let old = cluster.owner(of: "socket.io")
                try await cluster.move("socket.io", to: (old + 1) % 3) {
                    send(50)
                    // At the new node, which has to be asked in particular; the old one says so after some seconds.
                    if round == 0 { try await works(nodes, b, "under way", log) }
                }
                send(50)
                try await works(nodes, b, "round \(round)", log)
            }
            nodes[0].to("red").emit("end")
            let numbers = try await b.heard(before: "end").compactMap {
                $0.hasPrefix("n ") ? Int($0.dropFirst(2)) : nil
            }
            #expect(numbers == Array(0..<sent))
            try await eventually("the log says so: \(log.all)") { log.contains("has moved slots, which are followed") }
        }
    }

    @Test(arguments: [Form.channels, .rooms, .stream])
    func `a node of the cluster that is killed and started again is used again`(_ form: Form) async throws {
        try await play(form, timeout: 1_000) { cluster, nodes, _, b, log in
            // That of the stream and the room's channel.
            let server = cluster.owner(of: "socket.io")
            cluster.servers[server].kill()
            try await eventually("the log says so: \(log.all)") { log.contains("is away") }
            try cluster.servers[server].start()
            try await works(nodes, b, "after", log)
            try await eventually("the log says so: \(log.all)") { log.contains("is there again") }
        }
    }

    @Test func `connections to a cluster that are killed are made again`() async throws {
        try await play(.rooms) { cluster, nodes, _, b, log in
            for tap in cluster.taps {
                for kind in ["normal", "pubsub"] {
                    try await tap.call("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
                }
            }
            try await works(nodes, b, "after", log)
            try await eventually("the log says so: \(log.all)") { log.contains("is there again") }
        }
    }

    @Test func `an emitter is heard over a cluster`() async throws {
        try await play(.channels) { cluster, _, a, b, _ in
            let emitter = try SocketIOEmitter(redis: RedisURL(cluster.url), logger: LogRecorder())
            emitter.to("red").emit("news")
            try await eventually("both hear it") { a.hasHeard("news") && b.hasHeard("news") }
            #expect(await emitter.close())
        }
    }
}
