import AdapterConformance
import SocketIO
import Synchronization
import Testing

@testable import SocketIORedis

@Suite(
    .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, "there is no redis-server: apt-get install redis-server")
)
struct RedisAdapterTests {
    @Test(arguments: AdapterCase.withoutSilence)
    func `servers that are joined by Redis are one`(_ test: AdapterCase) async throws {
        try await run(test) { try RedisAdapter($0) }
    }

    @Test(arguments: AdapterCase.withoutSilence)
    func `servers that are joined by one sharded channel are one`(_ test: AdapterCase) async throws {
        var options = ShardedRedisAdapter.Options()
        options.subscriptionMode = .static
        options.channelPrefix = "static"
        try await run(test) { [options] in try ShardedRedisAdapter($0, options: options) }
    }

    @Test(
        arguments: AdapterCase.withoutSilence, [ShardedRedisAdapter.SubscriptionMode.dynamic, .dynamicPrivate])
    func `servers that are joined by the sharded channels of rooms are one`(
        _ test: AdapterCase, _ mode: ShardedRedisAdapter.SubscriptionMode
    ) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        var options = ShardedRedisAdapter.Options()
        options.subscriptionMode = mode
        let made = MadeAdapters()
        let watcher = try RedisTap(redis.url)
        let joining = Joining(
            makeAdapter: { [options] in made.note(try ShardedRedisAdapter(url, options: options)) },
            settle: {
                // As many subscriptions as there are to be, of all adapters together.
                try await eventually("Redis knows who hears what") {
                    await watcher.shardSubscriptionCount == made.subscriptionCount
                }
            })
        try await test.run(joining)
        await watcher.end()
        withExtendedLifetime(redis) {}
    }

    @Test(arguments: AdapterCase.withoutSilence)
    func `servers that are joined by a stream are one`(_ test: AdapterCase) async throws {
        try await run(test) { try RedisStreamsAdapter($0) }
    }

    /// Each byte is a value then: more than a million of them are over the limit of a message.
    @Test(arguments: AdapterCase.withoutSilence.filter { !$0.description.hasPrefix("bytes travel, small and large") })
    func `servers that are joined by a stream in plain text and sharded channels are one`(
        _ test: AdapterCase
    ) async throws {
        var options = RedisStreamsAdapter.Options()
        options.streamName = "plain"
        options.channelPrefix = "beside"
        options.usesShardedPubSub = true
        options.onlyPlaintext = true
        try await run(test) { [options] in try RedisStreamsAdapter($0, options: options) }
    }

    /// Each event takes the way to Redis and back then, in order with all that is asked for, but for what is local: that is done
    /// at once.
    @Test(arguments: AdapterCase.withoutSilence.filter { $0.description != "what is done locally is done on one node" })
    func `servers that are joined by a stream which clients come back to are one`(_ test: AdapterCase) async throws {
        try await run(test, configure: { $0.recovery = .init() }) { try RedisStreamsAdapter($0) }
    }

    private func run(
        _ test: AdapterCase, configure: @escaping @Sendable (inout SocketIOServer.Configuration) -> Void = { _ in },
        _ makeAdapter: @escaping @Sendable (RedisURL) throws -> any Adapter
    ) async throws {
        let redis = try RedisServer()
        let url = try RedisURL(redis.url)
        try await test.run(Joining(makeAdapter: { try makeAdapter(url) }, configure: configure))
        withExtendedLifetime(redis) {}
    }
}

/// The adapters of one test.
final class MadeAdapters: Sendable {
    private let all = Mutex<[ShardedRedisAdapter]>([])

    func note(_ adapter: any Adapter) -> any Adapter {
        if let adapter = adapter as? ShardedRedisAdapter { all.withLock { $0.append(adapter) } }
        return adapter
    }

    var subscriptionCount: Int {
        all.withLock { $0.reduce(0) { $0 + $1.inbox.subscriptionCount } }
    }
}
