import NetLoop
import SocketIOWire
import Synchronization

@testable import SocketIORedis

/// A client of a real Redis that reads a stream, with replies of a limited size.
final class StreamTap: RedisClientDelegate {
    private let group: EventLoopGroup
    private let made = Mutex<RedisClient?>(nil)
    private let words = Mutex<[String]>([])
    private let subscribed = Mutex(false)

    init(_ url: String, reading stream: String, replyBytes: Int) throws {
        group = try EventLoopGroup(count: 1)
        var settings = RedisSession.Settings()
        settings.replies.bytes = replyBytes
        settings.backoff = ReconnectionBackoff(
            minimum: .milliseconds(10), maximum: .milliseconds(50), randomization: 0.5)
        let client = try RedisClient(
            RedisURL(url), reading: stream, on: group.loops[0], settings: settings, delegate: self)
        made.withLock { $0 = client }
        // Who is subscribed is reading.
        client.subscribe([RedisSubscription(.channel, "any")])
    }

    /// What is called at once, by its place, where so many bytes are to wait for the stream one after the other.
    func afterStream(_ sizes: [Int]) async -> [[Int]] {
        guard let client = made.withLock({ $0 }) else { return [] }
        return await group.loops[0].call { _ in
            let called = CalledPlaces()
            return sizes.enumerated().map { place, size in
                client.afterStream(size) { called.places.append(place) }
                defer { called.places = [] }
                return called.places
            }
        }
    }

    var isSubscribed: Bool { subscribed.withLock { $0 } }
    /// The first word of each entry's `text`.
    var read: [String] { words.withLock { $0 } }

    func redisPublished(_ message: RedisMessage) {}
    func redisSubscribed(_ subscription: RedisSubscription) { subscribed.withLock { $0 = true } }
    func redisRead(_ entry: RedisStreamEntry) {
        let text = String(decoding: entry["text"] ?? [], as: UTF8.self)
        words.withLock { $0.append(String(text.prefix { $0 != " " })) }
    }
    func redisLogged(_ level: LogLevel, _ text: String) -> Bool { true }

    func end() async {
        made.withLock { $0 }?.end()
        await withCheckedContinuation { done in group.stop { done.resume() } }
    }
}

/// On one loop's thread.
private final class CalledPlaces {
    var places: [Int] = []
}
