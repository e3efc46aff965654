package import NetLoop
package import SocketIOWire
internal import Synchronization

/// How often something happened that a peer can make happen any number of times, so that it takes few lines of a log:
/// one at once, then one for each period in which it happened again.
package struct Occurrences: Sendable {
    private enum State: Sendable {
        case none
        /// It was written, and has happened so often since.
        case written(since: Int)
    }

    private var state = State.none

    package init() {}

    /// Whether it has not happened in this period.
    var isQuiet: Bool {
        switch state {
        case .none: true
        case .written: false
        }
    }

    /// It happened, `count` times. True if it is to be written, and a period begins.
    package mutating func note(_ count: Int = 1) -> Bool {
        switch state {
        case .none:
            state = .written(since: count - 1)
            return true
        case .written(let since):
            state = .written(since: since + count)
            return false
        }
    }

    /// The period is over. How often it happened in it, if it did, and then another begins.
    package mutating func endPeriod() -> Int? {
        switch state {
        case .none, .written(since: 0):
            state = .none
            return nil
        case .written(let since):
            state = .written(since: 0)
            return since
        }
    }
}

/// Writes `Occurrences` to a log: the only way of a peer's mistake to a line above debug. Lives as long as one server
/// listens, for all of its loops.
package final class CountedLine: Sendable {
    static let period = Duration.seconds(60)

    private let logger: any ServerLogger
    private let level: LogLevel
    private let line: String
    /// The limit that it is about, if it is about one, and where that is counted.
    private let limit: (name: String, counts: LimitCounts)?
    private let occurrences = Mutex(Occurrences())

    package init(
        _ line: String, at level: LogLevel = .warning, limit: (name: String, counts: LimitCounts)? = nil,
        to logger: any ServerLogger
    ) {
        self.line = line
        self.limit = limit
        self.level = level
        self.logger = logger
    }

    /// Any thread. Not to be called in the middle of a change: the logger is the application's.
    ///
    /// - Parameters:
    ///   - cause: Said where the line is.
    ///   - loop: Who measures the period.
    package func note(_ cause: @autoclosure () -> String? = nil, times count: Int = 1, on loop: EventLoop) {
        if let limit { limit.counts.note(limit.name, times: count) }
        guard occurrences.withLock({ $0.note(count) }) else { return }
        loop.post(Beginning(line: self))
        write(cause().map { "\(line): \($0)" } ?? line)
    }

    /// The same from the middle of a change: what is written is written in a later turn.
    package func noteLater(on loop: EventLoop) {
        if let limit { limit.counts.note(limit.name) }
        if occurrences.withLock({ $0.note() }) { loop.post(Beginning(line: self, writes: true)) }
    }

    /// Whether it has not happened lately.
    var isQuiet: Bool { occurrences.withLock { $0.isQuiet } }

    private func write(_ text: String) {
        guard level >= logger.level else { return }
        if logger is StandardErrorLogger {
            // It counts what it is told; this has been counted.
            LogWriter.standardError.log(level, text, isCounted: true)
        } else {
            logger.log(level, text)
        }
    }

    private func periodEnded(on loop: EventLoop) {
        guard let count = occurrences.withLock({ $0.endPeriod() }) else { return }
        begin(on: loop)
        write("\(count) more in the last minute: \(line)")
    }

    private func begin(on loop: EventLoop) {
        _ = loop.schedule(Period(line: self, loop: loop), at: loop.now.advanced(by: Self.period))
    }

    private struct Beginning: LoopMessage {
        let line: CountedLine
        var writes = false

        func deliver(on loop: EventLoop) {
            line.begin(on: loop)
            if writes { line.write(line.line) }
        }
    }

    private final class Period: TimerTarget {
        private let line: CountedLine
        private let loop: EventLoop

        init(line: CountedLine, loop: EventLoop) {
            self.line = line
            self.loop = loop
        }

        func timerFired(now: ContinuousClock.Instant) { line.periodEnded(on: loop) }
    }
}
