internal import NetLoop
internal import Synchronization

/// How many connections a manager has, those included that are still closing: what `close()` waits for.
final class ConnectionCount: ConnectionCounter {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Counts a connection until it is closed.
    func add(_ connection: TCPConnection) {
        state.withLock { $0.count += 1 }
        connection.counter = self
    }

    func connectionClosed() {
        let waiters = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once there is none.
    func waitUntilZero() async {
        await withCheckedContinuation { continuation in
            let isZero = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isZero { continuation.resume() }
        }
    }
}
