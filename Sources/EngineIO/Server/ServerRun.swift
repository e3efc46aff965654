internal import Synchronization

/// One time that a server listens, from `listen` to the end, for those who wait for that.
final class ServerRun: Sendable {
    private enum State {
        case going([CheckedContinuation<Void, Never>])
        case over
    }

    private let state = Mutex(State.going([]))

    /// Returns when it is over.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                switch state {
                case .going(let waiters):
                    state = .going(waiters + [continuation])
                    return false
                case .over: return true
                }
            }
            if isOver { continuation.resume() }
        }
    }

    func end() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            switch state {
            case .going(let waiters):
                state = .over
                return waiters
            case .over: return []
            }
        }
        for waiter in waiters { waiter.resume() }
    }
}
