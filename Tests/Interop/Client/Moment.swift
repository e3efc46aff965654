import Synchronization

/// Something that comes, maybe more than once, and is waited for that often.
final class Moment: Sendable {
    private struct State {
        var hasCome = false
        /// How often it came and nobody waited.
        var left = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var hasCome: Bool { state.withLock { $0.hasCome } }

    func come() {
        let waiter = state.withLock { state in
            state.hasCome = true
            guard state.waiters.isEmpty else {
                return CheckedContinuation<Void, Never>?.some(state.waiters.removeFirst())
            }
            state.left += 1
            return nil
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.left == 0 else {
                    state.left -= 1
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
