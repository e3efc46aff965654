import AdapterConformance
import SocketIO
import TestSupport
import Testing

@testable import SocketIORedis

/// A Redis Cluster over TLS, with a password, where each node has a copy.
@Suite(
    .timeLimit(.minutes(2)),
    .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server"),
    .enabled(if: TestCertificates.shared != nil, "there is no openssl")
)
struct RedisFailoverTests {
    @Test func `the copy of a node that is killed takes its place, and everything works again`() async throws {
        let certificates = try #require(TestCertificates.shared)
        let cluster = try await RedisClusterServers(timeout: 1_000, hasCopies: true, .secure(certificates))
        let result: Result<Void, any Error>
        do {
            try await ClusterScene.playAll(on: cluster, tag: "failover") { scenes in
                let owner = cluster.owner(of: "{failover}")
                cluster.servers[owner].kill()
                for scene in scenes { try await scene.logged("is away") }
                for scene in scenes { try await scene.works("after") }
                let copy = cluster.taps[owner + RedisClusterServers.count]
                #expect(try await copy.call("INFO", "replication").contains("role:master"))
                // What its node had is there.
                let stream = scenes[2]
                try await stream.nodes[0].waitUntilPublished(timeout: .seconds(20)) { stream.nodes[0].emit("end") }
                _ = try await stream.b.heard(before: "end")
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cluster.end()
        try result.get()
    }
}
