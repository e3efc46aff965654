package import NetLoop
package import SocketIOWire
internal import Synchronization

/// What a `RedisClient` tells, on the thread of its loop: return soon.
package protocol RedisClientDelegate: AnyObject, Sendable {
    /// Something was published that the client is subscribed to.
    func redisPublished(_ message: RedisMessage)
    /// A subscription is in force: for the first time, or again after Redis was away, when messages may have been missed.
    func redisSubscribed(_ subscription: RedisSubscription)
    /// An entry of the stream, in order.
    func redisRead(_ entry: RedisStreamEntry)
    /// All entries of the stream up to this one were told: when reading begins, and now and then.
    func redisHasRead(upTo place: RedisStreamID)
    /// A line for the log; false if there is none yet.
    @discardableResult
    func redisLogged(_ level: LogLevel, _ text: String) -> Bool
}

extension RedisClientDelegate {
    package func redisHasRead(upTo place: RedisStreamID) {}
}

/// Redis, as an adapter uses it: connections on one loop, for commands, for subscriptions once there are any, and to read a
/// stream. They are always wanted and come back by themselves. Any thread.
package final class RedisClient: Sendable {
    private let loop: EventLoop
    private let connections: LoopBound<RedisConnections>
    private let refused = RefusalCount()
    private let presence = RedisPresence()
    private let losses = RedisLosses()

    /// - Parameters:
    ///   - stream: Which is to be read as it grows, if any is; nobody is subscribed to anything before it is.
    ///   - loop: Where the connections live.
    /// - Throws: `TLSError` if the URL is secure, and this machine cannot be, or a file that the URL names cannot be read.
    package init(
        _ url: RedisURL, reading stream: String? = nil, on loop: EventLoop,
        settings: RedisSession.Settings? = nil, delegate: any RedisClientDelegate
    ) throws(TLSError) {
        self.loop = loop
        var settings = settings ?? RedisSession.Settings()
        settings.login = url.login
        let tls = try url.isSecure ? url.tls.makeContext() : nil
        let connections = RedisConnections(
            url, tls: tls, settings: settings, stream: stream, isThere: presence, losses: losses, on: loop,
            delegate: delegate)
        self.connections = LoopBound(connections, on: loop)
        loop.post(Order(connections: self.connections, work: .start))
    }

    /// Ends the connections. What was not answered fails.
    package func end() {
        loop.post(Order(connections: connections, work: .end))
    }

    /// Sends a command that nobody waits for, after those that the same thread sent before it.
    ///
    /// While Redis is away, or slow, it is kept within `unansweredBytes`; what is over that is dropped, counted and logged.
    package func send(_ command: RedisCommand) {
        guard !loop.post(Order(connections: connections, work: .send(command))) else { return }
        losses.add(1)
        // One note for all that is refused until the loop gets to it: notes do not count as waiting.
        if refused.count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
            loop.post(Order(connections: connections, work: .note(refused)))
        }
    }

    /// Sends a command and waits for its reply.
    ///
    /// - Parameter limit: How long at most; nil for as long as Redis is away.
    /// - Throws: `RedisError`: what Redis refused it with, or why there is no reply.
    package func call(_ command: RedisCommand, within limit: Duration? = nil) async throws(RedisError) -> RESPValue {
        try await reply(within: limit) { ask(command, reply: $0) }.get()
    }

    private func reply(
        within limit: Duration?, _ ask: (@escaping @Sendable (Result<RESPValue, RedisError>) -> Void) -> Void
    ) async -> Result<RESPValue, RedisError> {
        let waiter = ReplyWaiter()
        return await withCheckedContinuation { continuation in
            waiter.begin(continuation, within: limit)
            ask { waiter.end($0) }
        }
    }

    /// Sends a command; `reply` is called once, on the loop's thread or, if too much waits for it, at once.
    package func ask(_ command: RedisCommand, reply: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        guard loop.post(Order(connections: connections, work: .ask(command, reply))) else {
            return reply(.failure(.overloaded))
        }
    }

    /// Waits until all that the same task sent before is answered.
    ///
    /// - Throws: `RedisError` if there is no answer, or no room for the question.
    package func settle() async throws(RedisError) {
        _ = try await reply(within: nil, settle).get()
    }

    private func settle(_ reply: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void) {
        guard loop.post(Order(connections: connections, work: .settle(reply))) else {
            return reply(.failure(.overloaded))
        }
    }

    /// Calls `body`, which sends, and then `confirmed`, once: whether Redis has answered all of it, and nothing was lost or
    /// refused meanwhile that anybody sent.
    package func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (Bool) -> Void) {
        let count = losses.count
        body()
        settle { [losses] reply in
            switch reply {
            case .success: confirmed(losses.count == count)
            case .failure: confirmed(false)
            }
        }
    }

    /// Something that was asked for, and counts as sent, is lost.
    func noteLoss() { losses.add(1) }

    /// Asks each node of a cluster, or the one Redis that there is; `reply` is called once with what they say, as that of
    /// `ask` is. Nodes that are away are left out.
    package func askAll(
        _ command: RedisCommand, reply: @escaping @Sendable (Result<[RESPValue], RedisError>) -> Void
    ) {
        guard loop.post(Order(connections: connections, work: .askAll(command, reply))) else {
            return reply(.failure(.overloaded))
        }
    }

    /// Asks for messages, now and whenever Redis was away.
    package func subscribe(_ subscriptions: [RedisSubscription]) {
        loop.post(Order(connections: connections, work: .subscribe(subscriptions)))
    }

    package func unsubscribe(_ subscriptions: [RedisSubscription]) {
        loop.post(Order(connections: connections, work: .unsubscribe(subscriptions)))
    }

    /// Whether all connections are open, as far as is known.
    package var isThere: Bool { presence.value.load(ordering: .relaxed) }

    /// Of the last entry of the stream that was read; nil before the first time. On the loop's thread.
    package var streamPosition: RedisStreamID? { connections.value.streamPosition }

    /// Has the delegate told how far the stream was read, once that is known.
    package func tellPosition() {
        loop.post(Order(connections: connections, work: .tellPosition))
    }

    /// Calls `body` on the loop's thread once all is read that the same thread has added to the stream by now; at once there
    /// if that cannot be waited for.
    ///
    /// - Parameter bytes: What waits with it.
    /// - Returns: False, and `body` is not called, if too much waits.
    package func whenRead(_ bytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        loop.post(Order(connections: connections, work: .whenRead(bytes, body)))
    }

    /// Waits until Redis has taken what was sent.
    ///
    /// - Returns: Whether it has; false at once while it is away.
    package func settle(within limit: Duration) async -> Bool {
        guard isThere else { return false }
        switch await reply(within: limit, settle) {
        case .success: return true
        case .failure: return false
        }
    }

    /// Calls `body` once all that is in the stream by now was read: what came another way is not to overtake it. On the
    /// loop's thread, where it is called, too; at once if that cannot be waited for.
    ///
    /// - Parameter bytes: What waits with it.
    package func afterStream(_ bytes: Int, _ body: @escaping () -> Void) {
        connections.value.afterStream(bytes, body)
    }
}

/// Commands that the loop did not take, because too much waits for it.
private final class RefusalCount: Sendable {
    let count = Atomic<Int>(0)
}

/// Who waits for a reply, or for the end of the time for it.
private final class ReplyWaiter: Sendable {
    typealias Reply = Result<RESPValue, RedisError>

    private struct State {
        var continuation: CheckedContinuation<Reply, Never>?
        var limit: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Reply, Never>, within limit: Duration?) {
        state.change { state in
            state.continuation = continuation
            state.limit = limit.map { limit in
                Task {
                    try await Task.sleep(for: limit)
                    self.end(.failure(.timedOut))
                }
            }
        }
    }

    func end(_ reply: Reply) {
        let ended = state.withLock { state in
            defer { state = State() }
            return state
        }
        ended.limit?.cancel()
        ended.continuation?.resume(returning: reply)
    }
}

/// What another thread wants done.
private struct Order: LoopMessage {
    enum Work: Sendable {
        case start
        case end
        case send(RedisCommand)
        case ask(RedisCommand, @Sendable (Result<RESPValue, RedisError>) -> Void)
        case askAll(RedisCommand, @Sendable (Result<[RESPValue], RedisError>) -> Void)
        case subscribe([RedisSubscription])
        case unsubscribe([RedisSubscription])
        case note(RefusalCount)
        case settle(@Sendable (Result<RESPValue, RedisError>) -> Void)
        case tellPosition
        case whenRead(Int, @Sendable () -> Void)
    }

    let connections: LoopBound<RedisConnections>
    let work: Work

    var byteCount: Int {
        switch work {
        case .send(let command), .ask(let command, _), .askAll(let command, _):
            command.bytes.count + RedisSession.commandBytes
        case .settle: RedisSession.commandBytes
        case .whenRead(let bytes, _): bytes
        case .start, .end, .subscribe, .unsubscribe, .note, .tellPosition: 0
        }
    }

    func deliver(on loop: EventLoop) {
        let connections = connections.value
        switch work {
        case .start: connections.start()
        case .end: connections.end()
        case .send(let command): connections.send(command)
        case .ask(let command, let reply): connections.send(command, reply: reply)
        case .askAll(let command, let reply): connections.sendToAll(command, reply: reply)
        case .subscribe(let subscriptions): connections.subscribe(subscriptions)
        case .unsubscribe(let subscriptions): connections.unsubscribe(subscriptions)
        case .settle(let reply): connections.settle(reply)
        case .tellPosition: connections.tellPosition()
        case .whenRead(let bytes, let body): connections.afterStream(bytes, body)
        case .note(let refused): connections.news.noteDropped(refused.count.exchange(0, ordering: .relaxed))
        }
    }
}
