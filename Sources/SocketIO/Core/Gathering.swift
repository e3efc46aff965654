internal import SocketIOWire
internal import NetLoop
internal import Synchronization

/// Gathers what several sources give — the loops of a server, the sockets of a broadcast — until each has given its part
/// or the time is over.
///
/// Any thread may give; one task waits.
final class Gathering<Part: Sendable>: Sendable {
    /// What was given by the end.
    struct Outcome: Sendable {
        var parts: [Part] = []
        /// Whether every source gave its part.
        var isComplete = true
        /// Whether it is not because the loops that measured the time have ended.
        var hasEnded = false
    }

    private enum State {
        case gathering([Part], sourcesLeft: Int, waiter: CheckedContinuation<Outcome, Never>?)
        /// Complete or given up before anybody waited.
        case over(Outcome)
        /// Whoever waited has it.
        case taken
    }

    private let state: Mutex<State>

    init(sources: Int) {
        state = Mutex(sources == 0 ? .over(Outcome()) : .gathering([], sourcesLeft: sources, waiter: nil))
    }

    /// A source gives its part, and names further sources that it knows of.
    ///
    /// - Returns: False if nobody waits any more.
    @discardableResult
    func give(_ part: Part, opening sources: Int = 0) -> Bool {
        let (isTaken, resumed) = state.withLock { state -> (Bool, Resumed?) in
            switch state {
            case .gathering(var parts, let sourcesLeft, let waiter):
                // Moved out, so that the list grows in place.
                state = .taken
                parts.append(part)
                let left = sourcesLeft - 1 + sources
                guard left == 0 else {
                    state = .gathering(parts, sourcesLeft: left, waiter: waiter)
                    return (true, nil)
                }
                return (true, Self.finish(&state, Outcome(parts: parts), waiter))
            case .over, .taken:
                return (false, nil)
            }
        }
        resumed?.resume()
        return isTaken
    }

    /// The time is over, or nobody wants it any more.
    func expire() { giveUp(hasEnded: false) }

    private func giveUp(hasEnded: Bool) {
        let resumed = state.withLock { state -> Resumed? in
            switch state {
            case .gathering(let parts, _, let waiter):
                Self.finish(&state, Outcome(parts: parts, isComplete: false, hasEnded: hasEnded), waiter)
            case .over, .taken:
                nil
            }
        }
        resumed?.resume()
    }

    /// Returns once all is there, or what is there after `timeout`, or when the task is cancelled.
    ///
    /// - Parameter loops: Who may measure the time, of whom two are asked: one may be the one that does not answer.
    func outcome(within timeout: Duration, on loops: [EventLoop]) async -> Outcome {
        // Nothing here holds it: when no loop does any more, nobody measures the time.
        let limits = {
            let measuring = Measuring { [weak self] in self?.giveUp(hasEnded: $0) }
            return loops.prefix(2).map { LoopBound(GatheringLimit(measuring), on: $0) }
        }()
        for limit in limits {
            let deadline = limit.loop.time.advanced(by: timeout.bounded)
            limit.loop.post(GatheringLimitCommand(limit: limit, deadline: deadline))
        }
        defer {
            for limit in limits { limit.loop.post(GatheringLimitCommand(limit: limit, deadline: nil)) }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    switch state {
                    case .gathering(let parts, let sourcesLeft, nil):
                        state = .gathering(parts, sourcesLeft: sourcesLeft, waiter: continuation)
                        return nil
                    case .over(let outcome):
                        state = .taken
                        return outcome
                    case .gathering, .taken: preconditionFailure("one task waits")
                    }
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            expire()
        }
    }

    private typealias Waiter = CheckedContinuation<Outcome, Never>

    /// To be resumed when the lock is free again: what the parts hold may run code of the application when it goes.
    private struct Resumed {
        let waiter: Waiter
        let outcome: Outcome

        func resume() { waiter.resume(returning: outcome) }
    }

    private static func finish(_ state: inout State, _ outcome: Outcome, _ waiter: Waiter?) -> Resumed? {
        guard let waiter else {
            state = .over(outcome)
            return nil
        }
        state = .taken
        return Resumed(waiter: waiter, outcome: outcome)
    }
}

/// Ends a gathering: when its time is over, or when no loop measures that any more, because they have ended. They hold it.
private final class Measuring: Sendable {
    let giveUp: @Sendable (_ hasEnded: Bool) -> Void

    init(_ giveUp: @escaping @Sendable (_ hasEnded: Bool) -> Void) {
        self.giveUp = giveUp
    }

    deinit { giveUp(true) }
}

/// Measures the time of a gathering by the clock of the loop that it lives on.
private final class GatheringLimit {
    /// Until the loop's timer has it.
    private var measuring: Measuring?
    private var timer: TimerID?

    init(_ measuring: Measuring) {
        self.measuring = measuring
    }

    func start(on loop: EventLoop, until deadline: ContinuousClock.Instant) {
        guard let measuring = measuring.take() else { return }
        timer = loop.schedule(Wait(measuring), at: deadline)
    }

    func stop(on loop: EventLoop) {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private final class Wait: TimerTarget {
        private let measuring: Measuring

        init(_ measuring: Measuring) {
            self.measuring = measuring
        }

        func timerFired(now: ContinuousClock.Instant) {
            measuring.giveUp(false)
        }
    }
}

/// Starts a limit, or stops it: in this order, as they are posted.
private struct GatheringLimitCommand: LoopMessage {
    let limit: LoopBound<GatheringLimit>
    /// Nil to stop it.
    let deadline: ContinuousClock.Instant?

    func deliver(on loop: EventLoop) {
        if let deadline {
            limit.value.start(on: loop, until: deadline)
        } else {
            limit.value.stop(on: loop)
        }
    }
}
