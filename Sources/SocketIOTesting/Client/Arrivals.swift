internal import Synchronization

/// What came, until somebody takes it, and who waits for more.
final class Arrivals<Element: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        /// Called under the lock.
        let matches: @Sendable (Element) -> Bool
        let keeps: Bool
        let continuation: CheckedContinuation<Element?, Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
        var lastID = 0

        mutating func find(keeping keeps: Bool, _ matches: (Element) -> Bool) -> Element? {
            guard let index = elements.firstIndex(where: matches) else { return nil }
            return keeps ? elements[index] : elements.remove(at: index)
        }
    }

    private let state = Mutex(State())

    /// What came and was not taken, in its order.
    var all: [Element] { state.withLock { $0.elements } }

    func removeAll() {
        state.withLock { $0.elements = [] }
    }

    /// Gives `element` to those who wait for it, up to the first who takes it.
    func add(_ element: Element) {
        let served = state.withLock { state in
            var served: [Waiter] = []
            var isTaken = false
            state.waiters.removeAll { waiter in
                guard !isTaken, waiter.matches(element) else { return false }
                isTaken = !waiter.keeps
                served.append(waiter)
                return true
            }
            if !isTaken { state.elements.append(element) }
            return served
        }
        for waiter in served { waiter.continuation.resume(returning: element) }
    }

    /// The first that matches, if it is there.
    func take(where matches: (Element) -> Bool) -> Element? {
        state.withLock { $0.find(keeping: false, matches) }
    }

    /// The first that matches, once it is there.
    ///
    /// - Parameter keeps: Whether it stays, for others.
    func next(
        keeping keeps: Bool = false, where matches: @escaping @Sendable (Element) -> Bool
    ) async throws(CancellationError) -> Element {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let element = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(id: id, matches: matches, keeps: keeps, continuation: continuation)
                let found = state.withLock { state in
                    let found = state.find(keeping: keeps, matches)
                    if found == nil { state.waiters.append(waiter) }
                    return found
                }
                if let found { continuation.resume(returning: found) }
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        guard let element else { throw CancellationError() }
        return element
    }

    private func cancel(_ id: Int) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }
}
