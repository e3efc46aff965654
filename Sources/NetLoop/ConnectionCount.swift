internal import Synchronization

/// How many connections somebody has, those included that are still closing.
package final class ConnectionCount: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var value: Int { state.withLock { $0.count } }

    /// Counts `connection` until it is closed, on whichever loop; false, and not counted, if there are `limit` already.
    @discardableResult
    package func add(_ connection: TCPConnection, limit: Int = .max) -> Bool {
        let isAdded = state.withLock { state in
            guard state.count < limit else { return false }
            state.count += 1
            return true
        }
        if isAdded { connection.counter = self }
        return isAdded
    }

    /// A counted connection is closed.
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
    package func waitUntilZero() async {
        await withCheckedContinuation { continuation in
            let isZero = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isZero { continuation.resume() }
        }
    }
}
