import AdapterConformance
import NetLoop
import SocketIOWire
import Synchronization
import TestSupport

@testable import SocketIORedis

/// A client of a real Redis, which hears what is published and publishes what it likes.
final class RedisTap: RedisClientDelegate {
    struct Message: Equatable, Sendable {
        let channel: String
        let payload: [UInt8]

        init(_ channel: String, _ payload: [UInt8]) {
            (self.channel, self.payload) = (channel, payload)
        }
    }

    let url: RedisURL
    private let group: EventLoopGroup
    private let made = Mutex<RedisClient?>(nil)
    private let messages = Mutex<[Message]>([])
    private let journal = Journal()
    private let subscribed = Mutex(0)

    /// - Parameter knowsCluster: Stays at the one node of a cluster.
    init(_ url: RedisURL, knowsCluster: Bool = false) throws {
        self.url = url
        group = try EventLoopGroup(count: 1)
        var settings = RedisSession.Settings()
        settings.knowsCluster = knowsCluster
        let client = try RedisClient(url, on: group.loops[0], settings: settings, delegate: self)
        made.withLock { $0 = client }
    }

    convenience init(_ url: String) throws { try self.init(RedisURL(url)) }

    /// Hears of the channels that match a pattern.
    convenience init(_ url: String, hearing pattern: String) async throws {
        try self.init(url)
        client.subscribe([RedisSubscription(.pattern, pattern)])
        try await eventually("the tap hears") { subscribed.withLock { $0 } > 0 }
    }

    var client: RedisClient { made.withLock { $0! } }

    func publish(_ bytes: [UInt8], on channel: String) { client.publish(bytes, on: channel) }
    func publish(_ text: String, on channel: String) { publish(Array(text.utf8), on: channel) }

    /// The next message.
    func next() async throws -> Message {
        _ = try await offPool { [journal] in try journal.next() }
        return messages.withLock { $0.removeFirst() }
    }

    /// How many messages have come, less those that `next` has given out.
    var heardCount: Int { messages.withLock { $0.count } }

    /// How many channels of shards all clients of this Redis are subscribed to.
    var shardSubscriptionCount: Int {
        get async {
            guard let list = try? await client.call(RedisCommand("CLIENT", "LIST")).text else { return -1 }
            return list.split(whereSeparator: \.isWhitespace).reduce(0) { sum, word in
                word.hasPrefix("ssub=") ? sum + (Int(word.dropFirst(5)) ?? 0) : sum
            }
        }
    }

    func redisPublished(_ message: RedisMessage) {
        messages.withLock { $0.append(Message(String(decoding: message.channel, as: UTF8.self), message.payload)) }
        journal.append("message")
    }
    func redisSubscribed(_ subscription: RedisSubscription) { subscribed.withLock { $0 += 1 } }
    func redisRead(_ entry: RedisStreamEntry) {}
    func redisLogged(_ level: LogLevel, _ text: String) -> Bool { true }

    func end() async {
        client.end()
        await withCheckedContinuation { done in group.stop { done.resume() } }
    }
}
