internal import NetLoop
internal import SocketIOWire

/// The body of a response that a task of the application writes. Lives on the connection's loop.
final class WrittenBody: HTTPBodyProducer {
    private enum State {
        /// No piece was asked for yet, so that the task has not begun.
        case new
        /// A piece is wanted: the next one goes out at once.
        case asked(HTTPBodyStream)
        /// There is no room for another piece yet.
        case full(HTTPBodyStream)
        /// It is whole, or nobody takes it any more.
        case over
    }

    private let loop: EventLoop
    /// Until the task begins.
    private var write: (@Sendable (ResponseStream) async throws -> Void)?
    private let endsWithServer: Bool
    private let keepAlive: (piece: [UInt8], interval: Duration)?
    /// When a piece went out last.
    private var lastSent: CompactInstant
    private var timer: TimerID?
    private var task: Task<Void, any Error>?
    private var state = State.new
    /// Empty unless there is no room.
    private var waiting = DepartureQueue<(piece: [UInt8], continuation: CheckedContinuation<Bool, Never>)>()
    private var hasClientLeft = false

    init(_ work: WrittenBodyWork, on loop: EventLoop) {
        write = work.write
        endsWithServer = work.endsWithServer
        // A look at no time would be taken again and again.
        keepAlive = work.keepAlive.map { ($0.piece, max($0.interval, .milliseconds(1)).bounded) }
        self.loop = loop
        lastSent = loop.compactNow
    }

    // MARK: For the connection

    func produce(for stream: HTTPBodyStream) {
        switch state {
        case .new:
            state = .asked(stream)
            rearm()
            // Not here: a response is being begun.
            loop.whenTurnEnds(self)
        case .full:
            guard let next = waiting.removeFirst() else { return state = .asked(stream) }
            lastSent = loop.compactNow
            stream.send(next.piece)
            next.continuation.resume(returning: true)
        case .asked, .over: break
        }
    }

    func clientLeft() {
        hasClientLeft = true
        task?.cancel()
    }

    func connectionLost() {
        endWriting()
    }

    func serverCloses() {
        guard endsWithServer else { return }
        let task = task
        ended()
        task?.cancel()
    }

    // MARK: For the task

    private func start() {
        guard let write = write.take() else { return }
        switch state {
        case .new, .over: return
        case .asked, .full: break
        }
        let bound = LoopBound(self, on: loop)
        let task = loop.startTask {
            do {
                try await write(ResponseStream(bound))
                bound.value.ended()
            } catch {
                bound.value.failed()
            }
        }
        if hasClientLeft { task.cancel() }
        if case .over = state { return }
        self.task = task
    }

    /// Sends `piece` if one is wanted; nil if it has to wait, and false if nobody takes it any more.
    func sendAtOnce(_ piece: [UInt8]) -> Bool? {
        switch state {
        case .asked(let stream):
            state = .full(stream)
            lastSent = loop.compactNow
            stream.send(piece)
            return true
        case .new, .full: return nil
        case .over: return false
        }
    }

    /// Sends `piece` when it is wanted, or never; the continuation is told which.
    func send(_ piece: [UInt8], _ continuation: CheckedContinuation<Bool, Never>) {
        if let isSent = sendAtOnce(piece) { return continuation.resume(returning: isSent) }
        waiting.append((piece, continuation), id: nil)
    }

    private func ended() {
        endWriting()?.end()
    }

    private func failed() {
        endWriting()?.fail()
    }

    /// Nothing more is written. Returns where it was, unless that was so before.
    @discardableResult
    private func endWriting() -> HTTPBodyStream? {
        let ended = state
        state = .over
        if let timer { loop.cancel(timer) }
        timer = nil
        task = nil
        while let next = waiting.removeFirst() { next.continuation.resume(returning: false) }
        switch ended {
        case .asked(let stream), .full(let stream): return stream
        case .new, .over: return nil
        }
    }
}

extension WrittenBody: TimerTarget {
    private func rearm() {
        guard let keepAlive else { return }
        switch state {
        case .asked, .full: timer = loop.schedule(self, at: lastSent.advanced(by: keepAlive.interval))
        case .new, .over: break
        }
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        guard let keepAlive else { return }
        // A client that has not even taken what there was is watched by the connection.
        if lastSent.advanced(by: keepAlive.interval) <= loop.compactNow, sendAtOnce(keepAlive.piece) == nil {
            lastSent = loop.compactNow
        }
        rearm()
    }
}

extension WrittenBody: TurnEndTarget {
    func turnEnds() {
        start()
    }
}
