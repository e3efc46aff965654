internal import NetLoop
internal import SocketIOWire

/// Reads a stream as it grows, on a connection of its own; on its loop's thread.
///
/// It begins with what is added once Redis was there for the first time, and goes on where it was after Redis was away. Of
/// the nodes of a cluster it goes to the one that has the stream.
final class RedisStreamReader {
    let connection: RedisConnection
    let stream: String
    private let loop: EventLoop
    private let read: (RedisStreamEntry) -> Void
    private let reached: (RedisStreamID) -> Void
    /// When it was told last how far this has come.
    private var lastTold: EventLoop.Instant?
    /// Of the last entry that was read; nil until it is known where to begin.
    private(set) var position: RedisStreamID?
    /// How many entries are asked for at once: fewer after so many were too large for one reply.
    private var pageLength = RedisStreamReader.maxPageLength
    private var timer: TimerID?
    /// Whether the node is to have the stream soon, and has to be asked in particular.
    private var isAsking = false
    /// How often nodes have sent it elsewhere since the last answer.
    private var redirections = 0
    /// What is to be done when all was read that was there when it came, in order.
    private var waiting: [Waiting] = []
    private var waitingBytes = 0
    /// Those in front of this one wait no more: removing each from the array's front would take quadratic time.
    private var firstWaiting = 0
    /// How many have been removed.
    private var removedCount = 0
    /// Whether Redis is being asked where the stream ends.
    private var isFindingEnd = false
    /// So many of all that have waited know their end.
    private var knownCount = 0
    /// The stream is read from now on: called once.
    private var onBegin: (() -> Void)?

    private struct Waiting {
        /// Nil until Redis has said where the stream ends.
        var end: RedisStreamID?
        let bytes: Int
        /// Nil once it was called.
        var body: (() -> Void)?
    }

    /// What waits for the stream may hold so much; what is over it does not wait.
    static let maxWaitingBytes = 16 * 1024 * 1024
    private static let maxPageLength = 100
    /// After Redis refused to read.
    private static let patience = Duration.seconds(1)
    /// How far this has come is told so often at most.
    private static let tellingInterval = Duration.seconds(1)

    /// - Parameters:
    ///   - stream: Its key.
    ///   - connection: For commands, and used for nothing else.
    ///   - read: Called for each entry.
    ///   - reached: Called with the place of the last of them: when it is known where to begin, then now and then.
    init(
        _ stream: String, over connection: RedisConnection, _ read: @escaping (RedisStreamEntry) -> Void,
        reached: @escaping (RedisStreamID) -> Void = { _ in }
    ) {
        self.stream = stream
        self.connection = connection
        self.read = read
        self.reached = reached
        loop = connection.loop
    }

    /// Begins; `began` is called when what is added from then on is read.
    func start(_ began: @escaping () -> Void) {
        onBegin = began
        connection.start()
    }

    func end() {
        pause()
        onBegin = nil
        connection.end()
    }

    /// Asks where the stream ends.
    private func findEnd(over asking: Asking, _ found: @escaping (RedisStreamID?, RedisError?) -> Void) {
        asking(RedisCommand("XREVRANGE", stream, "+", "-", "COUNT", "1", key: 1)) { reply in
            switch reply {
            case .success(let value):
                found(RedisStreamEntry.list(ofRange: value).map { $0.first?.id ?? .zero }, nil)
            case .failure(let error): found(nil, error)
            }
        }
    }

    // MARK: Reading

    /// The connection is open, now or again.
    func begin() {
        findEnd(over: send) { [weak self] end, error in
            guard let self else { return }
            guard let end else { return fail(error) }
            // One that was made anew, or lost its end with the Redis that had it, is read from there.
            position = min(position ?? end, end)
            tell()
            onBegin.take()?()
            goOn()
        }
    }

    private func goOn() {
        guard let position else { return }
        let command = RedisCommand(
            "XREAD", "COUNT", "\(pageLength)", "BLOCK", "1000", "STREAMS", stream, position.description)
        send(command) { [weak self] reply in
            guard let self else { return }
            switch reply {
            case .success(let value):
                redirections = 0
                guard let entries = RedisStreamEntry.list(ofRead: value) else { return fail(nil) }
                pageLength = min(2 * pageLength, Self.maxPageLength)
                for entry in entries {
                    self.position = entry.id
                    read(entry)
                    release()
                }
                if lastTold.map({ $0.advanced(by: Self.tellingInterval) <= self.loop.now }) ?? true { tell() }
                goOn()
            case .failure(let error):
                pageLength = max(pageLength / 4, 1)
                fail(error)
            }
        }
    }

    private func send(_ command: RedisCommand, _ reply: @escaping RedisConnection.Reply) {
        if isAsking { connection.send(RedisCommand("ASKING")) }
        connection.send(command, reply: reply)
    }

    /// Goes where the stream is. It begins again when the connection is open there.
    func move(to address: RedisAddress, isAsking: Bool = false) {
        pause()
        self.isAsking = isAsking
        connection.move(to: address)
    }

    /// Goes where a node says that the stream is; false for now if nodes have sent it elsewhere too often: they contradict
    /// each other.
    private func follow(to address: RedisAddress, isAsking: Bool = false) -> Bool {
        redirections += 1
        guard redirections <= RedisRouter.maxRedirections else {
            redirections = 0
            return false
        }
        move(to: address, isAsking: isAsking)
        return true
    }

    /// Says how far this has come, if that is known.
    func tell() {
        guard let position else { return }
        lastTold = loop.now
        reached(position)
    }

    private func fail(_ error: RedisError?) {
        switch error {
        case .refused(let refusal):
            switch RedisRedirection(refusal, from: connection.address) {
            case .moved(_, let address): if follow(to: address) { return }
            case .ask(let address): if follow(to: address, isAsking: true) { return }
            case .later, nil: break
            }
            connection.owner?.redisComplained(refusal, over: connection)
        // It begins again when the connection is open again, or not at all.
        case .connectionLost, .ended: return
        case .overloaded, .timedOut: break
        case nil:
            let text = "its answer about the stream '\(stream)' is not understood"
            connection.owner?.redisComplained(RESPError(text: Array(text.utf8)), over: connection)
        }
        releaseAll()
        timer = loop.schedule(self, at: loop.now.advanced(by: Self.patience))
    }

    /// The connection is lost.
    func pause() {
        if let timer { loop.cancel(timer) }
        timer = nil
        releaseAll()
    }

    // MARK: Waiting

    /// Sends a command to the Redis that has the stream, over another connection.
    typealias Asking = (RedisCommand, @escaping RedisConnection.Reply) -> Void

    /// Calls `body` once all that is in the stream by now was read; at once if that cannot be waited for.
    ///
    /// - Parameters:
    ///   - bytes: What waits with it.
    ///   - asking: Nil if nobody can be asked.
    func afterNow(_ bytes: Int, over asking: Asking?, _ body: @escaping () -> Void) {
        guard let asking, connection.isOpen, position != nil, waitingBytes + bytes <= Self.maxWaitingBytes else {
            releaseAll()
            return body()
        }
        waitingBytes += bytes
        waiting.append(Waiting(end: nil, bytes: bytes, body: body))
        if !isFindingEnd { ask(over: asking) }
    }

    /// Asks once for all that wait by now: the answer is the stream's last entry, whole.
    private func ask(over asking: @escaping Asking) {
        let count = removedCount + waiting.count
        isFindingEnd = true
        findEnd(over: asking) { [weak self] end, _ in
            guard let self else { return }
            isFindingEnd = false
            // Some may wait no more.
            let first = max(knownCount - removedCount, firstWaiting)
            for index in first..<max(count - removedCount, first) { waiting[index].end = end ?? .zero }
            knownCount = count
            release()
            if removedCount + waiting.count > count, firstWaiting < waiting.count { ask(over: asking) }
        }
    }

    private func release() {
        guard let position else { return }
        take { $0.end.map { $0 <= position } ?? false }
    }

    private func releaseAll() {
        take { _ in true }
    }

    private func take(while isReady: (Waiting) -> Bool) {
        while firstWaiting < waiting.count, isReady(waiting[firstWaiting]) {
            let body = waiting[firstWaiting].body.take()
            waitingBytes -= waiting[firstWaiting].bytes
            firstWaiting += 1
            body?()
        }
        guard firstWaiting == waiting.count || firstWaiting >= 1_024 && firstWaiting * 2 > waiting.count else { return }
        removedCount += firstWaiting
        waiting.removeFirst(firstWaiting)
        firstWaiting = 0
    }
}

extension RedisStreamReader: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        if connection.isOpen { begin() }
    }
}
