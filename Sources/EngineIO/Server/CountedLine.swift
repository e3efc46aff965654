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

/// Writes `Occurrences` to a log. Any loop may note them.
package final class CountedLine: Sendable {
    private static let period = Duration.seconds(10)

    private let logger: any ServerLogger
    private let level: LogLevel
    private let line: String
    private let occurrences = Mutex(Occurrences())

    package init(_ line: String, at level: LogLevel = .warning, to logger: any ServerLogger) {
        self.line = line
        self.level = level
        self.logger = logger
    }

    /// Not to be called in the middle of a change: the logger is the application's.
    ///
    /// - Parameter cause: Said where the line is.
    package func note(_ cause: @autoclosure () -> String? = nil, times count: Int = 1, on loop: EventLoop) {
        guard occurrences.withLock({ $0.note(count) }) else { return }
        begin(on: loop)
        logger.log(at: level, cause().map { "\(line): \($0)" } ?? line)
    }

    private func begin(on loop: EventLoop) {
        _ = loop.schedule(Period(line: self, loop: loop), at: loop.now.advanced(by: Self.period))
    }

    private final class Period: TimerTarget {
        let line: CountedLine
        let loop: EventLoop

        init(line: CountedLine, loop: EventLoop) {
            self.line = line
            self.loop = loop
        }

        func timerFired(now: ContinuousClock.Instant) {
            guard let count = line.occurrences.withLock({ $0.endPeriod() }) else { return }
            line.begin(on: loop)
            line.logger.log(at: line.level, "\(line.line) (\(count) more in \(CountedLine.period))")
        }
    }
}
