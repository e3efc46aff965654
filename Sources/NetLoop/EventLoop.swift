internal import Synchronization
package import SocketIOWire

/// What a timer wakes.
package protocol TimerTarget: AnyObject {
    /// Called on the loop's thread once the deadline has passed, at most one tick (1 ms) and a turn late.
    func timerFired(now: ContinuousClock.Instant)
}

/// What has something to do before a turn's output is sent.
package protocol TurnEndTarget: AnyObject {
    func turnEnds()
}

/// One thread that serves the connections it owns: waits for readiness, reads, runs handlers, sends.
///
/// Everything but `post`, `isCurrent`, `index` and the executor's `enqueue` belongs to the loop's own thread. A turn is:
/// ready connections, posted messages, jobs, timers, then one send for every connection that has output.
///
/// `@unchecked Sendable`: the unguarded state is touched on the loop's thread only.
package final class EventLoop: @unchecked Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Its place among the loops of its group.
    package let index: Int
    /// The time at the beginning of this turn.
    package var now: Instant { clock.instant(turnStart) }
    /// In nanoseconds of the clock.
    private var turnStart: Int64 = 0
    private let clock = LoopClock()
    /// Where the bytes of this turn's output are written, before `TCPConnection.enqueue` names them.
    package let output = ByteWriter(capacity: 1 << 18)
    /// For whoever needs to build a message before it is framed; empty between uses.
    package let scratch = ByteWriter(capacity: 1 << 14)

    let poller: Poller
    let receiveRegion: ReceiveRegion
    private let wakeup: Wakeup
    private let mailbox = Mailbox()
    private let threadID = Atomic<UInt>(0)
    private let isStopping = Atomic<Bool>(false)

    private var connections = Slab<Pollable>()
    private var timers = TimerWheel<any TimerTarget>()
    private var dueTimers: [TimerID] = []
    /// The first tick at which a timer may be due.
    private var nextTick = UInt64.max
    private var jobs: [UnownedJob] = []
    private var turnEndTargets: [any TurnEndTarget] = []
    // What there is to do in the turn: plain flags, because every turn asks for all of them.
    private var hasMail = false
    private var hasJobs = false
    private var hasTurnEnds = false
    private var hasLosses = false
    /// Connections that have output, without the one that is being served.
    private var dirty: [TCPConnection] = []
    private var dirtyCount = 0
    /// Empty, with the memory of the last `dirty`.
    private var spareDirty: [TCPConnection] = []
    /// The connection that is ready and being served, and whether it has output.
    private var servedToken = wakeupToken
    private var servedIsDirty = false
    /// Connections that turned out to be broken while they sent.
    private var lost: [(connection: TCPConnection, reason: TCPConnection.LossReason)] = []
    /// How often `output` has started afresh: offsets noted under another number mean nothing any more.
    package var outputGeneration: Int { generation }
    private var generation = 0
    /// While true the log must not start afresh: connections still have parts of it to send.
    private var isSending = false

    /// Bytes of unsent output at which the log is sent before more is written.
    private static let outputLimit = 1 << 20
    private static let wakeupToken = UInt64.max

    package init(index: Int, receiveBytes: Int = 256 * 1024) throws(SystemError) {
        self.index = index
        poller = try Poller()
        wakeup = try Wakeup()
        receiveRegion = ReceiveRegion(capacity: receiveBytes)
        try poller.add(wakeup.descriptor, token: Self.wakeupToken, interest: .read)
    }

    /// Whether the caller is on the loop's thread.
    @inline(__always)
    package var isCurrent: Bool {
        threadID.load(ordering: .relaxed) == LoopThread.currentID
    }

    /// Delivers `message` in a later turn, after those posted before it by the same thread. Any thread.
    package func post(_ message: some LoopMessage) {
        act(on: mailbox.post(.message(message)))
    }

    private func act(on delivery: Mailbox.Delivery) {
        switch delivery {
        case .underWay: break
        case .wake: wakeup.signal()
        case .read: startLateReader()
        }
    }

    /// Runs `body` on the loop's thread and returns what it returns. Any task.
    package func call<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post(Call(body: body, continuation: continuation))
        }
    }

    /// Ends `run` after the current turn. Any thread.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    // MARK: Timers

    /// Wakes `target` once `deadline` has passed.
    package func schedule(_ target: any TimerTarget, at deadline: Instant) -> TimerID {
        let tick = clock.tick(notBefore: deadline)
        nextTick = min(nextTick, tick)
        return timers.insert(target, due: tick)
    }

    package func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }

    // MARK: The turn

    /// Serves until `stop`, on the calling thread.
    func run() {
        threadID.store(LoopThread.currentID, ordering: .releasing)
        while !isStopping.load(ordering: .acquiring) {
            let ready = poller.wait(milliseconds: waitLimit())
            turnStart = clock.nanoseconds
            // The wake-up may have been left for later.
            if ready == Poller.batch { hasMail = true }
            for position in 0..<ready { serve(poller.event(at: position)) }
            if hasMail { deliverMail() }
            if hasJobs { runJobs() }
            fireTimers()
            repeat {
                if hasTurnEnds { endTurn() }
                sendOutput()
                if hasLosses { reportLosses() }
            } while hasTurnEnds || dirtyCount > 0
        }
        finishLateWork(once: true)
    }

    /// Does what is left, and what comes after the end: who waits for an answer gets one, and suspended tasks go on.
    /// On this thread `once`, since whoever ends the loop waits for it, and then on one that is started when there is
    /// something.
    private func finishLateWork(once: Bool = false) {
        repeat {
            threadID.store(LoopThread.currentID, ordering: .releasing)
            deliverMail()
            runJobs()
            // Nothing fires any more, and the targets hold the loop that holds them.
            timers = TimerWheel()
            nextTick = .max
            turnEndTargets = []
            dirty = []
            dirtyCount = 0
            lost = []
            // Before the next reader could set it.
            threadID.store(0, ordering: .releasing)
            if jobs.isEmpty, mailbox.endReading() { return }
        } while !once
        startLateReader()
    }

    private func startLateReader() {
        do {
            try LoopThread.start { self.finishLateWork() }.detach()
        } catch {
            // Without a thread nobody can be answered.
        }
    }

    private func waitLimit() -> CInt {
        guard !hasJobs else { return 0 }
        guard nextTick < .max else { return -1 }
        let reached = clock.tick(reachedAt: clock.nanoseconds)
        return nextTick <= reached ? 0 : CInt(min(nextTick - reached, 60_000))
    }

    private func serve(_ event: (token: UInt64, readiness: Readiness)) {
        if event.token == Self.wakeupToken {
            wakeup.clear()
            hasMail = true
        } else {
            // A token of an earlier turn of the slot belongs to a descriptor that this batch closed.
            servedToken = event.token
            connections[event.token]?.becameReady(event.readiness)
            servedToken = Self.wakeupToken
        }
    }

    private func deliverMail() {
        hasMail = false
        for mail in mailbox.take() {
            switch mail {
            case .message(let message): message.deliver(on: self)
            case .job(let job): add(job)
            }
        }
    }

    private func fireTimers() {
        let reached = clock.tick(reachedAt: turnStart)
        guard nextTick <= reached else { return }
        timers.advance(to: reached, into: &dueTimers)
        let due = dueTimers
        dueTimers = []
        for timer in due { timers.take(timer)?.timerFired(now: now) }
        nextTick = timers.nextDue ?? .max
    }

    private func add(_ job: UnownedJob) {
        jobs.append(job)
        hasJobs = true
    }

    /// Runs the jobs that are there; those that they add run in the next turn, so that no task can hold the loop.
    private func runJobs() {
        let batch = jobs
        jobs = []
        hasJobs = false
        for job in batch {
            unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    /// Calls `target` once, before this turn's output is sent.
    package func whenTurnEnds(_ target: any TurnEndTarget) {
        turnEndTargets.append(target)
        hasTurnEnds = true
    }

    private func endTurn() {
        hasTurnEnds = false
        while !turnEndTargets.isEmpty {
            let targets = turnEndTargets
            turnEndTargets = []
            for target in targets { target.turnEnds() }
        }
    }

    // MARK: Connections and their output

    func register(_ connection: Pollable) -> UInt64 {
        connections.insert(connection)
    }

    func unregister(_ token: UInt64) {
        connections.remove(token)
    }

    // Each a call on the object that holds what it needs, which takes no references.

    func receive(from socket: CInt) -> ReceiveRegion.Received {
        receiveRegion.receive(from: socket)
    }

    /// Gives the `count` bytes that were received to `handler`.
    func deliver(_ count: Int, to handler: any ConnectionHandler, on connection: TCPConnection) {
        receiveRegion.withBytes(count) { bytes in handler.receive(&bytes, on: connection) }
    }

    /// Sends `range` of the output.
    func send(_ range: Range<Int>, over connection: TCPConnection) {
        connection.send(range, of: output)
    }

    /// The connections that the loop serves.
    package var tcpConnections: [TCPConnection] { connections.all.compactMap { $0 as? TCPConnection } }

    /// Closes every connection and listener of the loop; their handlers hear nothing.
    package func closeAll() {
        for connection in connections.all { connection.close() }
    }

    /// How many descriptors the loop watches.
    package var connectionCount: Int { connections.count }

    /// Begins a piece of output: everything appended to `output` after this is at the offsets it will be sent from.
    @inline(__always)
    package func beginOutput() -> Int {
        if output.count > Self.outputLimit, !isSending { sendOutput() }
        return output.count
    }

    func markDirty(_ connection: TCPConnection, token: UInt64) {
        if token == servedToken {
            servedIsDirty = true
        } else {
            dirty.append(connection)
            dirtyCount &+= 1
        }
    }

    /// Sends what the served connection has at once where that lets the log start afresh, while the bytes are in the
    /// cache.
    func sendOutput(of connection: TCPConnection) {
        guard servedIsDirty else { return }
        servedIsDirty = false
        servedToken = Self.wakeupToken
        guard dirtyCount == 0 else {
            dirty.append(connection)
            dirtyCount &+= 1
            return
        }
        isSending = true
        connection.flush()
        isSending = false
        beginLog()
    }

    /// Has `connection` tell its handler at the end of the turn: sending happens in the middle of application code,
    /// which is not to be entered again there.
    func noteLoss(of connection: TCPConnection, because reason: TCPConnection.LossReason) {
        lost.append((connection, reason))
        hasLosses = true
    }

    private func reportLosses() {
        hasLosses = false
        while !lost.isEmpty {
            let batch = lost
            lost = []
            for (connection, reason) in batch { connection.reportLoss(reason) }
        }
    }

    private func sendOutput() {
        guard servedIsDirty || dirtyCount > 0 || output.count > 0 else { return }
        isSending = true
        defer { isSending = false }
        if servedIsDirty, let served = connections[servedToken] as? TCPConnection {
            servedIsDirty = false
            served.flush()
        }
        while dirtyCount > 0 {
            var batch = dirty
            dirty = spareDirty
            dirtyCount = 0
            for connection in batch { connection.flush() }
            batch.removeAll(keepingCapacity: true)
            spareDirty = batch
        }
        beginLog()
    }

    /// Everything in the log is sent.
    private func beginLog() {
        output.removeAll(keeping: Self.outputLimit)
        generation &+= 1
    }
}

private struct Call<Result: Sendable>: LoopMessage {
    let body: @Sendable (EventLoop) -> Result
    let continuation: CheckedContinuation<Result, Never>

    func deliver(on loop: EventLoop) {
        continuation.resume(returning: body(loop))
    }
}

extension EventLoop: SerialExecutor, TaskExecutor {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            add(job)
        } else {
            act(on: mailbox.post(.job(job)))
        }
    }

    package func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// Starts `operation` at once on the loop's thread, where the caller is; it resumes there after each suspension.
    ///
    /// With `startTask` the one place of the libraries that makes a task. The operation is of the form that a task takes, because any other
    /// costs each start two closures around it; it has to catch its errors.
    package func start<Result: Sendable>(_ operation: sending @escaping @isolated(any) () async throws -> Result) {
        precondition(isCurrent)
        Task.immediate(executorPreference: self, operation: operation)
    }

    /// Starts `operation` like `start`, for whoever may have to cancel it: a method of its own, because most never do.
    package func startTask<Result: Sendable>(
        _ operation: sending @escaping @isolated(any) () async throws -> Result
    ) -> Task<Result, any Error> {
        precondition(isCurrent)
        return Task.immediate(executorPreference: self, operation: operation)
    }

    package func checkIsolated() {
        precondition(isCurrent, "this work belongs to another event loop")
    }
}
