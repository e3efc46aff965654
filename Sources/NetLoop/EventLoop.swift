internal import Synchronization
package import SocketIOWire

/// What a timer wakes.
package protocol TimerTarget: AnyObject {
    /// Called on the loop's thread once the deadline has passed, at most one tick (1 ms) and a turn late.
    func timerFired(now: ContinuousClock.Instant)
}

/// One thread that serves the connections it owns: waits for readiness, reads, runs handlers, sends.
///
/// What says "any thread", `isCurrent`, `index` and the executor's `enqueue` apart, all belongs to the loop's own thread. A turn is:
/// ready connections, posted messages, jobs, timers, then one send for every connection that has output. `run` takes
/// turns until it is told to stop; a loop without a thread takes them one by one, with `step`.
///
/// `@unchecked Sendable`: the unguarded state is touched on the loop's thread only.
package final class EventLoop: @unchecked Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Its place among the loops of its group.
    package let index: Int
    /// The time at the beginning of this turn.
    package var now: Instant { clock.instant(turnStart) }
    /// The same, since the loop was made: for whoever asks often.
    package var compactNow: CompactInstant { CompactInstant(nanoseconds: turnStart) }
    /// The time at this moment, for deadlines that a long turn must not shorten.
    package var time: Instant { clock.instant(clock.nanoseconds) }
    /// In nanoseconds of the clock.
    private var turnStart: Int64 = 0
    private let clock: LoopClock
    /// Where the bytes of this turn's output are written, before `TCPConnection.enqueue` names them.
    package let output: ByteWriter
    let sending: LoopOutput
    let turnEnd = TurnEnd()
    /// What is held for peers that have not taken it yet.
    package let unsentBytes: UnsentBytes
    /// For whoever needs to build a message before it is framed; empty between uses.
    package let scratch = ByteWriter(capacity: 1 << 14)

    let poller: Poller
    let receiveRegion: ReceiveRegion
    private let wakeup: Wakeup
    let mailbox: Mailbox
    private let threadID = Atomic<UInt>(0)
    private let isStopping = Atomic<Bool>(false)
    /// Whether the loop takes no connections any more: `run` has returned, or returns with this turn.
    var hasEnded = false

    private(set) var connections = Slab<Pollable>()
    private var emptyTarget: (any TurnEndTarget)?
    let timers: LoopTimers
    private var jobs: [UnownedJob] = []
    // What there is to do in the turn: plain flags, because every turn asks for both.
    private var hasMail = false
    private(set) var hasJobs = false
    /// What a loop of moved time has had to do; nil for others.
    let activity: LoopActivity?

    private static let wakeupToken = LoopOutput.noToken
    private static let catchUpRounds = 8

    /// - Parameters:
    ///   - mailboxBytes: What messages that say how much they hold may hold together.
    ///   - time: Moved by the caller, instead of the machine's.
    package init(
        index: Int, receiveBytes: Int = 256 * 1024, mailboxBytes: Int = .max, time: ManualTime? = nil
    ) throws(SystemError) {
        self.index = index
        clock = LoopClock(time)
        timers = LoopTimers(clock: clock)
        activity = time.map { _ in LoopActivity() }
        unsentBytes = UnsentBytes(turnEnd: turnEnd)
        sending = LoopOutput(unsentBytes: unsentBytes)
        output = sending.log
        mailbox = Mailbox(byteLimit: mailboxBytes)
        poller = try Poller()
        wakeup = try Wakeup()
        receiveRegion = ReceiveRegion(capacity: receiveBytes)
        try poller.add(wakeup.descriptor, token: Self.wakeupToken, interest: .read)
    }

    /// Whether time passes only where somebody moves it.
    package var hasManualTime: Bool { activity != nil }

    /// Whether the caller is on the loop's thread.
    @inline(__always)
    package var isCurrent: Bool {
        threadID.load(ordering: .relaxed) == LoopThread.currentID
    }

    /// Delivers `message` in a later turn, after those posted before it by the same thread. Any thread.
    ///
    /// - Returns: False if it was not taken, because too many bytes wait for the loop.
    @discardableResult
    package func post(_ message: some LoopMessage) -> Bool {
        act(on: mailbox.post(.message(message), byteCount: message.byteCount))
    }

    func act(on delivery: Mailbox.Delivery) -> Bool {
        switch delivery {
        case .underWay: break
        case .wake: wakeup.signal()
        case .read: startLateReader()
        case .refused: return false
        }
        return true
    }

    /// Ends `run` after the current turn. Any thread.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    // MARK: Timers

    /// Wakes `target` once `deadline` has passed.
    package func schedule(_ target: any TimerTarget, at deadline: Instant) -> TimerID {
        timers.schedule(target, at: deadline)
    }

    /// Wakes `target` once `delay` has passed since the beginning of this turn.
    package func schedule(_ target: any TimerTarget, after delay: Duration) -> TimerID {
        timers.schedule(target, after: delay, now: turnStart)
    }

    /// Wakes `target` once `deadline`, which is counted as `compactNow` is, has passed.
    package func schedule(_ target: any TimerTarget, at deadline: CompactInstant) -> TimerID {
        timers.schedule(target, at: deadline)
    }

    package func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }

    // MARK: The turn

    /// Serves until `stop`, on the calling thread.
    func run() {
        claim(for: LoopThread.currentID)
        while !isStopping.load(ordering: .acquiring) { turn(waiting: hasJobs ? 0 : timers.waitLimit) }
        end()
    }

    /// Takes one turn without waiting, on the calling thread: for a loop that does not run. A test moves its time, and so
    /// decides what happens when.
    package func step() {
        claim(for: LoopThread.currentID)
        turn(waiting: 0)
        claim(for: 0)
    }

    /// From now on the loop's thread is the one with this number; nobody's if it is zero.
    func claim(for thread: UInt) {
        threadID.store(thread, ordering: .releasing)
    }

    private func turn(waiting milliseconds: CInt) {
        let ready = poller.wait(milliseconds: milliseconds)
        turnStart = clock.nanoseconds
        sending.beginTurn()
        if sending.hasPostponed { sendPostponed() }
        // The wake-up may have been left for later.
        if ready == Poller.batch { hasMail = true }
        for position in 0..<ready { serve(poller.event(at: position)) }
        if let activity { activity.note(served: hasMail ? ready - 1 : ready) }
        if timers.areLate(at: turnStart) { catchUp() }
        if hasMail { deliverMail() }
        if hasJobs { runJobs() }
        timers.fire(now: turnStart)
        repeat {
            if turnEnd.hasTargets { turnEnd.callTargets() }
            sendOutput()
            if turnEnd.hasLosses { turnEnd.reportLosses() }
        } while turnEnd.hasTargets || sending.hasDirty
    }

    /// The loop, or the process, did not run for a while: what arrived meanwhile is read before a timer says that it did not
    /// arrive.
    ///
    /// All that is ready is asked for, not only as much as one call returns, but not for ever: who sends all the time is
    /// always ready.
    @inline(never)
    private func catchUp() {
        for _ in 0..<connections.count / Poller.batch + Self.catchUpRounds {
            let ready = poller.wait(milliseconds: 0)
            for position in 0..<ready { serve(poller.event(at: position)) }
            if ready == 0 { return }
        }
    }

    /// What the last turn did not get to goes before what is ready now.
    @inline(never)
    private func sendPostponed() {
        var waiting = sending.takePostponed()[...]
        while !sending.isSpent, let token = waiting.popFirst() {
            guard let connection = connections[token] as? TCPConnection else { continue }
            connection.queue?.isPostponed = false
            connection.flush(output)
        }
        sending.postponeFurther(waiting)
    }

    private func serve(_ event: (token: UInt64, readiness: Readiness)) {
        if event.token == Self.wakeupToken {
            wakeup.clear()
            hasMail = true
        } else {
            // A token of an earlier turn of the slot belongs to a descriptor that this batch closed.
            sending.beginServing(event.token)
            connections[event.token]?.becameReady(event.readiness)
            sending.endServing()
        }
    }

    func deliverMail() {
        hasMail = false
        let mails = mailbox.take()
        if let activity { activity.note(mails: mails.count) }
        for mail in mails {
            switch mail {
            case .message(let message): message.deliver(on: self)
            case .job(let job): add(job)
            }
        }
    }

    func add(_ job: UnownedJob) {
        jobs.append(job)
        hasJobs = true
    }

    /// Runs the jobs that are there; those that they add run in the next turn, so that no task can hold the loop.
    func runJobs() {
        if let activity { activity.noteJobs() }
        let batch = jobs
        jobs = []
        hasJobs = false
        for job in batch {
            unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }

    /// Calls `target` once, before this turn's output is sent.
    package func whenTurnEnds(_ target: any TurnEndTarget) {
        turnEnd.call(target)
    }

    // MARK: Connections

    func register(_ connection: Pollable) -> UInt64 {
        connections.insert(connection)
    }

    func unregister(_ token: UInt64) {
        connections.remove(token)
        if emptyTarget != nil { noteEmpty() }
    }

    /// Calls `target` once, at the end of the turn in which the loop has no connection and no listener any more.
    package func whenEmpty(_ target: any TurnEndTarget) {
        emptyTarget = target
        noteEmpty()
    }

    private func noteEmpty() {
        guard connections.count == 0, let target = emptyTarget else { return }
        emptyTarget = nil
        whenTurnEnds(target)
    }
}
