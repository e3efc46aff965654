/// Who waits for answers, by the answers' ids: the tasks that asked for acknowledgements, on either side, or for a
/// connection. Each is given back once, by whichever input comes first, and its owner tells it how the wait ended.
///
/// Every input takes constant time but for the order of the deadlines, which is a heap.
package struct Waiters<Receiver> {
    package typealias Instant = ContinuousClock.Instant

    private struct Waiter {
        let receiver: Receiver
        let deadline: Instant?
    }

    private var waiters: [UInt64: Waiter] = [:]
    /// The deadlines of all who wait, and of some who do not any more; the earliest is of somebody who waits.
    private var deadlines = DeadlineHeap()
    private let limit: Int

    /// - Parameter limit: How many may wait at once.
    package init(limit: Int = .max) {
        self.limit = limit
    }

    package var count: Int { waiters.count }
    package var isEmpty: Bool { waiters.isEmpty }

    /// When `expire` has something to do; nil if nobody waits with a deadline.
    package var deadline: Instant? { deadlines.first?.deadline }

    /// How many deadlines are kept.
    var deadlineCount: Int { deadlines.count }

    /// Waits for the answer `id`, which nobody else waits for; false if too many wait.
    package mutating func add(_ id: UInt64, _ receiver: Receiver, until deadline: Instant?) -> Bool {
        guard waiters.count < limit else { return false }
        precondition(waiters[id] == nil, "an id names one answer")
        waiters[id] = Waiter(receiver: receiver, deadline: deadline)
        if let deadline { deadlines.insert(DeadlineHeap.Entry(deadline: deadline, id: id)) }
        return true
    }

    /// The answer came, or is not waited for any more; nil if nobody waits (any more).
    package mutating func settle(_ id: UInt64) -> Receiver? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        forgetDeadlines()
        return waiter.receiver
    }

    /// No answers will come but those that are `kept`: everybody else who waits, in the order of the ids.
    package mutating func settleAll(except isKept: (UInt64) -> Bool = { _ in false }) -> [Receiver] {
        let ids = waiters.keys.filter { !isKept($0) }.sorted()
        let receivers = ids.compactMap { waiters.removeValue(forKey: $0)?.receiver }
        forgetDeadlines()
        return receivers
    }

    /// Those for whom it is too late, the earliest deadline first.
    package mutating func expire(now: Instant) -> [(id: UInt64, receiver: Receiver)] {
        var expired: [(id: UInt64, receiver: Receiver)] = []
        while let first = deadlines.first, first.deadline <= now {
            deadlines.removeFirst()
            guard isAwaited(first), let waiter = waiters.removeValue(forKey: first.id) else { continue }
            expired.append((first.id, waiter.receiver))
        }
        forgetDeadlines()
        return expired
    }

    private func isAwaited(_ entry: DeadlineHeap.Entry) -> Bool {
        Self.isAwaited(entry, waiters)
    }

    private static func isAwaited(_ entry: DeadlineHeap.Entry, _ waiters: [UInt64: Waiter]) -> Bool {
        waiters[entry.id].map { $0.deadline == entry.deadline } ?? false
    }

    /// Lets go of deadlines that nobody has: one that is next, and all once they are the most.
    private mutating func forgetDeadlines() {
        if deadlines.count > 2 * waiters.count + 16 {
            deadlines.removeAll { [waiters] entry in !Self.isAwaited(entry, waiters) }
        }
        while let first = deadlines.first, !isAwaited(first) { deadlines.removeFirst() }
    }
}
