internal import NetLoop
internal import SocketIOWire

/// A client with a thread of its own, both of which end with this.
final class RedisThread: Sendable {
    let loop: EventLoop
    let client: RedisClient
    private let loops: EventLoopGroup

    /// - Parameters:
    ///   - stream: As for `RedisClient`.
    ///   - delegate: Made for the thread's loop.
    init(
        _ url: RedisURL, reading stream: String? = nil, settings: RedisSession.Settings = RedisSession.Settings(),
        delegate: (EventLoop) -> any RedisClientDelegate
    ) throws {
        loops = try EventLoopGroup(count: 1, mailboxBytes: settings.unansweredBytes)
        loop = loops.next()
        client = try RedisClient(url, reading: stream, on: loop, settings: settings, delegate: delegate(loop))
    }

    deinit {
        client.end()
        loops.stop {}
    }
}
