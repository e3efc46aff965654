package import NetLoop
package import SocketIOWire
internal import Synchronization

/// Counted lines whose texts are known only when they happen: one for each cause, up to a number of causes at a time.
package final class CountedLines: Sendable {
    private let logger: any ServerLogger
    private let level: LogLevel
    /// By its text.
    private let lines = Mutex<[String: CountedLine]>([:])
    /// For what is too much to be told apart.
    private let others: CountedLine

    /// Causes of one period that are told apart: a peer may have a say in what they are called.
    static let limit = 64

    /// - Parameter others: What is said of all causes over the limit.
    package init(others: String, at level: LogLevel = .warning, to logger: any ServerLogger) {
        self.logger = logger
        self.level = level
        self.others = CountedLine(others, at: level, to: logger)
    }

    /// As with `CountedLine`.
    package func note(_ line: String, _ cause: @autoclosure () -> String? = nil, on loop: EventLoop) {
        let (counted, isTold) = lines.withLock { lines in
            if let known = lines[line] { return (known, true) }
            if lines.count >= Self.limit { lines = lines.filter { !$0.value.isQuiet } }
            guard lines.count < Self.limit else { return (others, false) }
            let new = CountedLine(line, at: level, to: logger)
            lines[line] = new
            return (new, true)
        }
        counted.note(isTold ? cause() : cause().map { "\(line): \($0)" } ?? line, on: loop)
    }
}
