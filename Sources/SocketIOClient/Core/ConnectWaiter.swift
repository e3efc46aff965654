internal import NetLoop

/// A task that waits in `ClientSocket.connect`.
final class ConnectWaiter: TimerTarget {
    typealias Continuation = CheckedContinuation<Result<Void, ClientError>, Never>

    let id: UInt64
    private let continuation: Continuation
    private let loop: EventLoop
    private var timer: TimerID?
    private let core: ClientSocketCore

    init(id: UInt64, _ continuation: Continuation, timeout: Duration?, for core: ClientSocketCore) {
        self.id = id
        self.continuation = continuation
        self.core = core
        loop = core.loop
        timer = timeout.map { loop.schedule(self, at: .now.advanced(by: $0)) }
    }

    /// To be called once.
    func settle(_ result: Result<Void, ClientError>) {
        if let timer { loop.cancel(timer) }
        timer = nil
        continuation.resume(returning: result)
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        core.waiterTimedOut(id)
    }
}
