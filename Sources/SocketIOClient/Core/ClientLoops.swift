internal import NetLoop
internal import Synchronization

/// The event loops that all clients of the process share, started with the first.
enum ClientLoops {
    /// A client is one connection with little to do; more threads than this only serve load generators.
    private static let maxCount = 4
    private static let group = Mutex<EventLoopGroup?>(nil)

    /// The loop for the next manager.
    static func next() throws(SystemError) -> EventLoop {
        try group.withLock { group throws(SystemError) in
            if let group { return group.next() }
            let started = try EventLoopGroup(count: min(Machine.coreCount, maxCount))
            group = started
            return started.next()
        }
    }
}
