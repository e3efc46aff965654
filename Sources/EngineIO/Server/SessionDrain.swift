internal import NetLoop
internal import SocketIOWire

/// Ends the sessions of one loop one after the other, each when nothing of it is under way. Lives on that loop.
final class SessionDrain: TimerTarget {
    private let shard: EngineShard
    private let pace: DrainPace
    /// Those that are still to be asked, the next one last.
    private var waiting: [EngineSession]
    private let count: Int
    /// Those whose turn it was, and of which something is under way.
    private var unsettled: [EngineSession] = []
    private var timer: TimerID?
    private var completion: (() -> Void)?

    private static let interval = Duration.milliseconds(20)

    init(_ shard: EngineShard, within time: Duration, _ completion: @escaping () -> Void) {
        self.shard = shard
        self.completion = completion
        waiting = shard.sessions.all
        count = waiting.count
        pace = DrainPace(of: count, within: time, now: shard.loop.now)
        goOn(now: shard.loop.now)
    }

    /// The server closes.
    func stop() {
        if let timer { shard.loop.cancel(timer) }
        timer = nil
        waiting = []
        unsettled = []
        completion = nil
    }

    func timerFired(now: EventLoop.Instant) {
        timer = nil
        goOn(now: now)
    }

    private func goOn(now: EventLoop.Instant) {
        let asked = pace.due(now: now)
        while count - waiting.count < asked, let next = waiting.popLast() { unsettled.append(next) }
        let settled = unsettled.filter { $0.isSettled }
        unsettled.removeAll { $0.isSettled }
        for session in settled { session.close(because: .serverShuttingDown) }
        // Who ended may have called code of the application.
        guard let completion else { return }
        guard now < pace.deadline, !isOver else {
            stop()
            return completion()
        }
        timer = shard.loop.schedule(self, at: now.advanced(by: Self.interval))
    }

    /// Whether nobody is left, nor any request whose answer has not begun: streams may go on for ever.
    private var isOver: Bool {
        waiting.isEmpty && unsettled.isEmpty && shard.sessions.count == 0
            && !shard.loop.tcpConnections.contains { ($0.handler as? HTTPConnection)?.owesAnswer == true }
    }
}

extension EngineShard {
    /// Has the clients go elsewhere, and takes no new ones.
    func drain(within time: Duration, _ completion: @escaping () -> Void) {
        guard !isClosing, drain == nil else { return completion() }
        isDraining = true
        drain = SessionDrain(self, within: time, completion)
    }
}
