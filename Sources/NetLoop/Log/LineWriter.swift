internal import Synchronization

/// Writes what somebody has to say on a thread of its own, so that whoever says it does not wait for the reader.
package final class LineWriter: Sendable {
    /// What is to be written now, and for how long there will be nothing more unless somebody says so; nil is for ever.
    package typealias Source = @Sendable () -> (bytes: [UInt8], pause: Duration?)

    private struct State {
        var isStarted = false
        /// Whether the thread waits for something to be said.
        var isIdle = true
        var isStopped = false
        /// How often it was said that there is something.
        var wakes = 0
    }

    private let descriptor: CInt
    private let source: Source
    private let state = Mutex(State())
    private let hasMore = ThreadSignal()
    private let becameIdle = ThreadSignal()

    /// - Parameter source: Asked by the thread only; not under a lock.
    package init(to descriptor: CInt, _ source: @escaping Source) {
        self.descriptor = descriptor
        self.source = source
    }

    /// There is something to be written. Any thread; returns at once.
    package func wake() {
        let starts = state.withLock { state in
            state.isIdle = false
            state.wakes &+= 1
            defer { state.isStarted = true }
            return !state.isStarted
        }
        hasMore.raise()
        guard starts else { return }
        do {
            try LoopThread.start { self.run() }.detach()
        } catch {
            // Nothing can be said without a thread; the next line tries again.
            state.withLock { $0.isStarted = false }
        }
    }

    private func run() {
        StandardError.blockSignals()
        while true {
            let wakes = state.withLock { $0.wakes }
            let (bytes, pause) = source()
            guard bytes.isEmpty else {
                StandardError.write(bytes.span, to: descriptor)
                continue
            }
            let (isIdle, isStopped) = state.withLock { state in
                state.isIdle = state.wakes == wakes
                return (state.isIdle, state.isStopped)
            }
            guard isIdle else { continue }
            becameIdle.raise()
            if isStopped { return }
            hasMore.wait(atMost: pause)
        }
    }

    /// Waits until all is written, but no longer than `limit`: there may be no reader.
    package func flush(within limit: Duration) {
        guard state.withLock({ $0.isStarted && !$0.isIdle }) else { return }
        becameIdle.wait(atMost: .zero)
        guard state.withLock({ !$0.isIdle }) else { return }
        becameIdle.wait(atMost: limit)
    }

    /// Has all written when the process ends by `exit` or the end of `main`, as far as a reader takes it at once.
    package func flushAtExit(_ prepare: @escaping @Sendable () -> Void) {
        ProcessExit.call {
            prepare()
            self.wake()
            self.flush(within: .milliseconds(200))
        }
    }

    /// Ends the thread once all is written.
    package func stop() {
        state.withLock { $0.isStopped = true }
        hasMore.raise()
    }
}
