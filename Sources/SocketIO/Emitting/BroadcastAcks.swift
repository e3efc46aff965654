internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// Gathers the acknowledgements of one broadcast from all loops, until all are there or the time is over.
final class BroadcastAcks: Sendable {
    typealias Results = [SocketID: Result<AckReply, AckError>]

    private struct State {
        var results: Results = [:]
        /// Loops that have not sent the event yet.
        var loopsLeft: Int
        /// Whether nobody waits any more.
        var isOver = false
        /// Sockets that the event was sent to.
        var expected: [(SocketID, LoopBound<SocketCore>)] = []
        var continuation: CheckedContinuation<Results, Never>?
    }

    let id: UInt64
    private let state: Mutex<State>

    /// - Parameter loops: How many loops will say whom they sent the event to.
    init(id: UInt64, loops: Int) {
        self.id = id
        state = Mutex(State(loopsLeft: loops))
    }

    /// Resumes `continuation` once all is there, which may be now.
    func wait(_ continuation: CheckedContinuation<Results, Never>) {
        finish { $0.continuation = continuation }
    }

    /// A loop has sent the event to these sockets; called on that loop.
    func loopSent(to sockets: [(SocketID, LoopBound<SocketCore>)]) {
        let isLate = state.withLock { state in
            if !state.isOver {
                state.loopsLeft -= 1
                state.expected += sockets
            }
            return state.isOver
        }
        // The time was over before the loop got to it: nothing else would end the waiting.
        if isLate {
            for (_, core) in sockets { core.value.cancelAck(id, AckError(.timedOut)) }
        } else {
            finish { _ in }
        }
    }

    /// A socket answered, or will not.
    func settle(_ id: SocketID, _ result: Result<AckReply, AckError>) {
        finish { state in
            if !state.isOver { state.results[id] = result }
        }
    }

    /// The time is over, or nobody waits any more: what is missing is given up, on each socket's loop.
    func expire() {
        var waiting: [LoopBound<SocketCore>] = []
        finish { state in
            for (id, core) in state.expected where state.results[id] == nil {
                waiting.append(core)
                state.results[id] = .failure(AckError(.timedOut))
            }
            state.loopsLeft = 0
            state.isOver = true
        }
        for core in waiting { core.loop.post(CancelAck(core: core, id: id)) }
    }

    /// Changes the state, and resumes the caller if nothing is left to wait for.
    private func finish(_ change: (inout State) -> Void) {
        let done = state.withLock { state -> State? in
            change(&state)
            guard state.loopsLeft == 0, state.results.count >= state.expected.count,
                state.continuation != nil
            else { return nil }
            defer {
                // The timer keeps this object until the time is over. The last reference to a socket goes when the lock
                // is free again: it may hold a value whose end runs code of the application.
                state = State(loopsLeft: 0, isOver: true)
            }
            return state
        }
        if let done { done.continuation?.resume(returning: done.results) }
    }
}

/// Ends the waiting for one socket's acknowledgement.
private struct CancelAck: LoopMessage {
    let core: LoopBound<SocketCore>
    let id: UInt64

    func deliver(on loop: EventLoop) {
        core.value.cancelAck(id, AckError(.timedOut))
    }
}

/// Ends a broadcast's waiting when its time is over.
struct BroadcastAckTimer: LoopMessage {
    let acks: BroadcastAcks
    let timeout: Duration

    func deliver(on loop: EventLoop) {
        _ = loop.schedule(Expiry(acks), at: .now.advanced(by: timeout))
    }

    private final class Expiry: TimerTarget {
        private let acks: BroadcastAcks

        init(_ acks: BroadcastAcks) {
            self.acks = acks
        }

        func timerFired(now: ContinuousClock.Instant) {
            acks.expire()
        }
    }
}
