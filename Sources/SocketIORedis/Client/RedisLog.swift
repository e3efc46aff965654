internal import EngineIO
internal import NetLoop
internal import SocketIO
internal import SocketIOWire

/// Hears of nothing but what is wrong, and says each thing once, and then once a minute how often it came again: for a client
/// that is subscribed to nothing.
final class RedisLog: RedisClientDelegate {
    private let trouble: CountedLines
    private let news: CountedLines
    private let loop: EventLoop

    init(logger: any ServerLogger, on loop: EventLoop) {
        self.loop = loop
        trouble = CountedLines(others: "further trouble with Redis", to: logger)
        news = CountedLines(others: "further news of Redis", at: .info, to: logger)
    }

    func redisPublished(_ message: RedisMessage) {}
    func redisSubscribed(_ subscription: RedisSubscription) {}
    func redisRead(_ entry: RedisStreamEntry) {}

    func redisLogged(_ level: LogLevel, _ text: String) -> Bool {
        (level >= .warning ? trouble : news).note(text, on: loop)
        return true
    }
}
