package import SocketIOWire
internal import Synchronization

/// Where the default loggers' lines meet: a queue, and a thread that writes what is in it.
package final class LogWriter: Sendable {
    /// Of the process, which has one standard error.
    package static let standardError = {
        let writer = LogWriter(to: StandardError.descriptor)
        writer.lines.flushAtExit { writer.queue.withLock { $0.endAll() } }
        return writer
    }()

    private let queue: LogQueueBox
    private let lines: LineWriter

    init(to descriptor: CInt) {
        let queue = LogQueueBox()
        self.queue = queue
        lines = LineWriter(to: descriptor) { queue.withLock { $0.take(now: .now) } }
    }

    /// Any thread; waits for nobody who writes.
    ///
    /// - Parameter isCounted: Whether repetitions were counted already.
    package func log(_ level: LogLevel, _ message: String, isCounted: Bool = false) {
        if queue.withLock({ $0.add(level, message, isCounted: isCounted, now: .now) }) { lines.wake() }
    }

    /// Lines that were not written, because they came faster than they are read.
    package var droppedLineCount: Int { queue.withLock { $0.droppedInAll } }

    /// Waits until all is written, the counted repetitions too, but no longer than `limit`.
    func flush(within limit: Duration) {
        queue.withLock { $0.endAll() }
        lines.wake()
        lines.flush(within: limit)
    }

    func stop() { lines.stop() }
}

/// The queue and its lock, which both the writer and its thread's closure have.
private final class LogQueueBox: Sendable {
    private let queue = Mutex(LogQueue())

    func withLock<Result: Sendable>(_ body: (inout sending LogQueue) -> sending Result) -> Result {
        queue.withLock(body)
    }
}
