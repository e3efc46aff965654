internal import NetLoop
internal import SocketIOEvents

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
/// timeout, or with the socket.
final class AckTable {
    private final class Pending: TimerTarget {
        let id: UInt64
        let receiver: AckReceiver
        var timer: TimerID?
        unowned let table: AckTable

        init(id: UInt64, receiver: AckReceiver, table: AckTable) {
            self.id = id
            self.receiver = receiver
            self.table = table
        }

        func timerFired(now: ContinuousClock.Instant) {
            // Settled by another timer of this turn, in which case the table may be gone.
            guard timer != nil else { return }
            timer = nil
            table.settle(id, .failure(AckError(.timedOut)))
        }
    }

    private unowned let socket: Socket
    private let loop: EventLoop
    private let limit: Int
    private var pending: [UInt64: Pending] = [:]

    /// For `socket`, which drops it once it is empty.
    init(of socket: Socket, limit: Int) {
        self.socket = socket
        loop = socket.loop
        self.limit = limit
    }

    /// Adds one, settled with `timedOut` after `timeout` if there is one; false, and settled, over the limit.
    func add(_ id: UInt64, _ receiver: AckReceiver, timeout: Duration?) -> Bool {
        guard pending.count < limit else {
            receiver.settle(.failure(AckError(.tooManyPending)))
            if pending.isEmpty { SocketCore(socket).dropAcks() }
            return false
        }
        let entry = Pending(id: id, receiver: receiver, table: self)
        if let timeout { entry.timer = loop.schedule(entry, at: loop.time.advanced(by: timeout)) }
        pending[id] = entry
        return true
    }

    /// Settles one; nothing happens if it is not there (any more).
    func settle(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        guard let entry = pending.removeValue(forKey: id) else { return }
        if let timer = entry.timer { loop.cancel(timer) }
        entry.timer = nil
        entry.receiver.settle(result)
        if pending.isEmpty { SocketCore(socket).dropAcks() }
    }

    /// The socket is gone: nobody will answer.
    func settleAll() {
        for id in Array(pending.keys) { settle(id, .failure(AckError(.disconnected))) }
    }
}
