import AdapterConformance
import SocketIORedis
import Testing

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisAdapterTests {
    @Test(arguments: AdapterCase.withoutSilence)
    func `servers that are joined by Redis are one`(_ test: AdapterCase) async throws {
        let redis = try RedisServer()
        let url = try RedisURL("redis://127.0.0.1:\(redis.port)")
        try await test.run(Joining(makeAdapter: { try RedisAdapter(url) }))
        withExtendedLifetime(redis) {}
    }
}
