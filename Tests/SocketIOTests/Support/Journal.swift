import Foundation

/// What happened on the server, as lines, for a test that waits for them on another thread.
///
/// `@unchecked Sendable`: everything is guarded by `condition`.
final class Journal: @unchecked Sendable {
    private let condition = NSCondition()
    private var entries: [String] = []

    func note(_ line: String) {
        condition.lock()
        entries.append(line)
        condition.broadcast()
        condition.unlock()
    }

    var lines: [String] {
        condition.lock()
        defer { condition.unlock() }
        return entries
    }

    /// The first `count` lines, or what there is when the patience is over.
    func wait(for count: Int, patience: TimeInterval = 10) -> [String] {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: patience)
        while entries.count < count, condition.wait(until: deadline) {}
        return entries
    }
}

/// Something that opens once.
///
/// `@unchecked Sendable`: everything is guarded by `condition`.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func open() {
        condition.lock()
        isOpen = true
        let waiters = waiters
        self.waiters = []
        condition.broadcast()
        condition.unlock()
        for waiter in waiters { waiter.resume() }
    }

    /// Waits in a task.
    func passed() async {
        await withCheckedContinuation { continuation in
            condition.lock()
            let isOpen = isOpen
            if !isOpen { waiters.append(continuation) }
            condition.unlock()
            if isOpen { continuation.resume() }
        }
    }

    /// Waits on a thread; false when the patience is over.
    func wait(patience: TimeInterval = 10) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: patience)
        while !isOpen, condition.wait(until: deadline) {}
        return isOpen
    }
}
