internal import NetLoop
internal import SocketIOEvents

typealias ClientAckContinuation = CheckedContinuation<Result<AckReply, AckError>, Never>

/// The tasks that wait for acknowledgements. Each leaves the table when it is settled: by the server, by its timeout,
/// by cancellation, or with the connection.
final class ClientAcks {
    private final class Pending: TimerTarget {
        let id: UInt64
        let continuation: ClientAckContinuation
        var timer: TimerID?
        /// Stays while somebody waits.
        private let owner: ClientSocketCore

        init(id: UInt64, continuation: ClientAckContinuation, owner: ClientSocketCore) {
            self.id = id
            self.continuation = continuation
            self.owner = owner
        }

        func timerFired(now: ContinuousClock.Instant) {
            timer = nil
            owner.ackTimedOut(id)
        }
    }

    private let loop: EventLoop
    private let limit: Int
    private var pending: [UInt64: Pending] = [:]

    init(loop: EventLoop, limit: Int) {
        self.loop = loop
        self.limit = limit
    }

    /// Waits for the acknowledgement `id`; false, and settled, over the limit. `owner` is told of a timeout.
    func add(
        _ id: UInt64, _ continuation: ClientAckContinuation, timeout: Duration, owner: ClientSocketCore
    ) -> Bool {
        guard pending.count < limit else {
            continuation.resume(returning: .failure(AckError(.tooManyPending)))
            return false
        }
        let entry = Pending(id: id, continuation: continuation, owner: owner)
        entry.timer = loop.schedule(entry, at: .now.advanced(by: timeout))
        pending[id] = entry
        return true
    }

    /// Settles one; nothing happens if it is not there (any more).
    func settle(_ id: UInt64, _ result: Result<AckReply, AckError>) {
        guard let entry = pending.removeValue(forKey: id) else { return }
        if let timer = entry.timer { loop.cancel(timer) }
        entry.continuation.resume(returning: result)
    }

    /// The connection is gone: nobody will answer what was sent over it.
    func settleAll(except isKept: (UInt64) -> Bool = { _ in false }) {
        for id in pending.keys.sorted() where !isKept(id) { settle(id, .failure(AckError(.disconnected))) }
    }
}
