internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// Who waits for an acknowledgement. Settled exactly once.
enum AckReceiver: Sendable {
    case task(CheckedContinuation<Result<AckReply, AckError>, Never>)
    case broadcast(BroadcastAcks, SocketID)

    func settle(_ result: Result<AckReply, AckError>) {
        switch self {
        case .task(let continuation): continuation.resume(returning: result)
        case .broadcast(let acks, let id): acks.settle(id, result)
        }
    }
}

/// The acknowledgements that one socket is asked for. Each leaves the table when it is settled: by the peer, by its
/// timeout, or with the socket. Lives on the socket's loop.
///
/// Whoever waits is told last: an answer can resume a task, or complete what a broadcast gathers.
final class AckTable {
    private unowned let socket: Socket
    private let loop: EventLoop
    private var waiters: Waiters<AckReceiver>
    /// How many of them the server's part of the loop counts.
    private var counted = 0
    private var timer: (id: TimerID, due: ContinuousClock.Instant)?

    /// For `socket`, which drops it once it is empty.
    init(of socket: Socket, limit: Int) {
        self.socket = socket
        loop = socket.loop
        waiters = Waiters(limit: limit)
    }

    /// Adds one, settled with `timedOut` after `timeout` if there is one; false, and settled, over the limit.
    func add(_ id: UInt64, _ receiver: AckReceiver, timeout: Duration?) -> Bool {
        // From now, not from the beginning of the turn: a handler that was busy must not shorten it.
        let isAdded = waiters.add(id, receiver, until: timeout.map { loop.time.advanced(by: $0.bounded) })
        update()
        if !isAdded {
            socket.shard.server.engine.limitCounts.note("pendingAcks")
            receiver.settle(.failure(AckError(.tooManyPending)))
        }
        return isAdded
    }

    /// Settles one; nothing happens if it is not there (any more).
    func settle(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        guard let receiver = waiters.settle(id) else { return }
        update()
        receiver.settle(result)
    }

    /// The socket is gone: nobody will answer.
    func settleAll() {
        let receivers = waiters.settleAll()
        update()
        for receiver in receivers { receiver.settle(.failure(AckError(.disconnected))) }
    }

    /// Sets the timer to the earliest deadline, or leaves the socket. A timer that is too early stays: it is set anew when
    /// it fires.
    private func update() {
        socket.shard.server.pendingAcks += waiters.count - counted
        counted = waiters.count
        guard let deadline = waiters.deadline, timer.map({ deadline < $0.due }) ?? true else {
            if waiters.isEmpty { leave() }
            return
        }
        if let timer { loop.cancel(timer.id) }
        timer = (loop.schedule(self, at: deadline), deadline)
    }

    private func leave() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
        SocketCore(socket).dropAcks()
    }
}

extension AckTable: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        let expired = waiters.expire(now: now)
        update()
        for (_, receiver) in expired { receiver.settle(.failure(AckError(.timedOut))) }
    }
}
