internal import Synchronization

/// The loops of a server, each on a thread of its own.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let threads = Mutex<[LoopThread]>([])
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops, at least one.
    package init(count: Int) throws(SystemError) {
        var loops: [EventLoop] = []
        for index in 0..<max(1, count) { loops.append(try EventLoop(index: index)) }
        self.loops = loops
        for loop in loops {
            let thread = try LoopThread.start { loop.run() }
            threads.withLock { $0.append(thread) }
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
