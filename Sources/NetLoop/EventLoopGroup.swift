internal import Synchronization

/// The loops of a server, each on a thread of its own.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let threads = Mutex<[LoopThread]>([])
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops, at least one; all of them or none.
    ///
    /// - Parameter time: Moved by the caller, instead of the machine's.
    package convenience init(
        count: Int, mailboxBytes: Int = .max, time: ManualTime? = nil
    ) throws(SystemError) {
        try self.init(count: count, mailboxBytes: mailboxBytes, time: time, startThread: LoopThread.start)
    }

    /// - Parameter startThread: How a loop gets its thread.
    init(
        count: Int, mailboxBytes: Int = .max, time: ManualTime? = nil,
        startThread: (@escaping @Sendable () -> Void) throws(SystemError) -> LoopThread
    ) throws(SystemError) {
        var loops: [EventLoop] = []
        for index in 0..<max(1, count) {
            loops.append(try EventLoop(index: index, mailboxBytes: mailboxBytes, time: time))
        }
        self.loops = loops
        for loop in loops {
            do throws(SystemError) {
                let thread = try startThread { loop.run() }
                threads.withLock { $0.append(thread) }
            } catch {
                // Nobody would ever stop those that run already.
                stop()
                throw error
            }
        }
    }

    /// The loops one after the other.
    package func next() -> EventLoop {
        loops[Int(UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue) % UInt(loops.count))]
    }

    /// Ends the loops from a thread of its own, because a loop cannot wait for itself, and then calls `completion`.
    package func stop(_ completion: @escaping @Sendable () -> Void) {
        do {
            try LoopThread.start {
                self.stop()
                completion()
            }.detach()
        } catch {
            // No thread to wait with: the loops end all the same, only nobody sees when.
            for loop in loops { loop.stop() }
            completion()
        }
    }

    /// Ends the loops after their current turn and waits for their threads; not to be called on one of them.
    package func stop() {
        precondition(!loops.contains { $0.isCurrent }, "a loop cannot wait for itself")
        for loop in loops { loop.stop() }
        for thread in threads.withLock({ threads in
            let taken = threads
            threads = []
            return taken
        }) { thread.join() }
    }
}
