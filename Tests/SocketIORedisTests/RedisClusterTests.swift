import AdapterConformance
import SocketIO
import SocketIOWire
import TestSupport
import Testing

@testable import SocketIORedis

/// The adapters over a Redis Cluster of three nodes, which is one for all of these.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server"), SharedCluster()
)
struct RedisClusterTests {
    /// In one cluster, one case after the other. Of the adapters that differ less from what they are over one Redis, each
    /// third.
    @Test(arguments: ClusterForm.allCases)
    func `servers that are joined by a cluster of Redis are one`(_ form: ClusterForm) async throws {
        let cluster = try SharedCluster.current
        for (number, test) in AdapterCase.withoutSilence.enumerated() where form == .rooms || number % 3 == 0 {
            let made = MadeAdapters()
            let settle = { @Sendable () async throws in
                try await eventually("Redis knows who hears what") {
                    await cluster.shardSubscriptionCount == made.subscriptionCount
                }
            }
            let joining = Joining(
                makeAdapter: { made.note(try form.adapter(cluster.url, "case \(number)")) },
                settle: form == .rooms ? settle : nil)
            do {
                try await test.run(joining)
            } catch {
                Issue.record("\(test): \(error)")
            }
        }
    }

    @Test func `rooms are spread over the cluster, and each is heard by who is in it`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.rooms, on: cluster, { try ShardedRedisAdapter($0) }) { scene in
            let rooms = (0..<30).map { "room \($0)" }
            let owners = Set(rooms.map { cluster.owner(of: "socket.io#/#\($0)#") })
            #expect(owners == [0, 1, 2])
            for room in rooms { scene.nodes[1].to("red").local.socketsJoin(Room(room)) }
            for room in rooms {
                try await eventually("\(room) is heard") {
                    scene.nodes[0].to(Room(room)).emit(room)
                    return scene.b.hasHeard(room)
                }
                #expect(!scene.a.hasHeard(room))
            }
            // Each node of the cluster has subscribers.
            for tap in cluster.taps { #expect(await tap.shardSubscriptionCount > 0) }
        }
    }

    @Test func `a slot that is moved takes its channels with it`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.rooms, on: cluster, { try ShardedRedisAdapter($0) }) { scene in
            let channel = "socket.io#/#red#"
            var sent = 0
            func send(_ count: Int) {
                for _ in 0..<count {
                    scene.nodes[0].to("red").emit("n", sent)
                    sent += 1
                }
            }
            for round in 0..<3 {
                send(50)
                let old = cluster.owner(of: channel)
                try await cluster.move(channel, to: (old + 1) % 3) { send(50) }
                send(50)
                try await scene.works("round \(round)")
            }
            scene.nodes[0].to("red").emit("end")
            let numbers = try await scene.numbers(before: "end")
            // What was published while the channel had no subscribers is lost; nothing else is, or comes twice.
            #expect(numbers == numbers.sorted())
            #expect(Set(numbers).count == numbers.count)
            #expect(numbers.count >= 150)
            try await scene.logged("has moved slots, which are followed")
        }
    }

    @Test func `a stream whose slot is moved is written and read on, with nothing lost`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.stream, on: cluster) { scene in
            var sent = 0
            func send(_ count: Int) {
                for _ in 0..<count {
                    scene.nodes[0].to("red").emit("n", sent)
                    sent += 1
                }
            }
            for round in 0..<3 {
                send(50)
                let old = cluster.owner(of: scene.name)
                try await cluster.move(scene.name, to: (old + 1) % 3) {
                    send(50)
                    // At the new node, which has to be asked in particular; the old one says so after some seconds.
                    if round == 0 { try await scene.works("under way") }
                }
                send(50)
                try await scene.works("round \(round)")
            }
            scene.nodes[0].to("red").emit("end")
            #expect(try await scene.numbers(before: "end") == Array(0..<sent))
            try await scene.logged("has moved slots, which are followed")
        }
    }

    @Test func `connections to a cluster that are killed are made again`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.rooms, on: cluster) { scene in
            for tap in cluster.taps {
                for kind in ["normal", "pubsub"] {
                    try await tap.call("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
                }
            }
            try await scene.works("after")
            try await scene.logged("is there again")
        }
    }

    @Test func `an emitter is heard over a cluster`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.channels, on: cluster) { scene in
            let emitter = try SocketIOEmitter(redis: cluster.url, key: scene.name, logger: LogRecorder())
            emitter.to("red").emit("news")
            try await eventually("both hear it") { scene.a.hasHeard("news") && scene.b.hasHeard("news") }
            #expect(await emitter.close())
        }
    }

    @Test func `what is confirmed is in the cluster, however much others send`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.play(.stream, on: cluster) { scene in
            try await withThrowingTaskGroup { group in
                // There is always something that is not answered.
                group.addTask {
                    while !Task.isCancelled {
                        for _ in 0..<10 { scene.nodes[0].to("blue").emit("n") }
                        await Task.yield()
                    }
                }
                defer { group.cancelAll() }
                for _ in 0..<20 {
                    try await scene.nodes[0].waitUntilPublished(timeout: .seconds(20)) { scene.nodes[0].emit("news") }
                }
            }
        }
    }

    /// The last one: what the node had in memory is gone.
    @Test func `a node of the cluster that is killed and started again is used again`() async throws {
        let cluster = try SharedCluster.current
        try await ClusterScene.playAll(on: cluster, tag: "restart") { scenes in
            let server = cluster.servers[cluster.owner(of: "{restart}")]
            server.kill()
            for scene in scenes { try await scene.logged("is away") }
            try server.start()
            for scene in scenes { try await scene.works("after") }
            for scene in scenes { try await scene.logged("is there again") }
        }
        try await cluster.settle()
    }
}
