internal import SocketIOWire

/// Lines that wait to be written, or are only counted: so many as somebody can read, whatever the peers do.
struct LogQueue {
    typealias Instant = ContinuousClock.Instant

    /// A cause that has been said.
    private struct Cause {
        let first: LogLine
        let level: LogLevel
        let since: Instant
        var repetitions = 0
    }

    private var lines: [LogLine] = []
    private var causes: [String: Cause] = [:]
    /// Lines that were not taken, because too many wait.
    private var dropped = 0
    /// The same since the process began.
    private(set) var droppedInAll = 0

    /// Lines that wait at most.
    static let maxLines = 256
    /// Causes that are told apart at a time; more count as one.
    static let maxCauses = 64
    /// How long the repetitions of a cause are counted before they are said.
    static let period = Duration.seconds(60)
    private static let otherCauses = "other"

    /// Takes a message; true if there is something to be written.
    ///
    /// - Parameter isCounted: Whether repetitions were counted already.
    mutating func add(_ level: LogLevel, _ message: String, isCounted: Bool = false, now: Instant) -> Bool {
        // What somebody has asked for is wanted line by line.
        guard level >= .warning, !isCounted else { return append(LogLine(level, message)) }
        var shape = "\(level) \(LogLine.shape(of: message))"
        if causes[shape] == nil, causes.count >= Self.maxCauses { shape = Self.otherCauses }
        if causes[shape] != nil {
            causes[shape]?.repetitions += 1
            return false
        }
        let line = LogLine(level, message)
        causes[shape] = Cause(first: line, level: level, since: now)
        return append(line)
    }

    /// - Parameter line: Made only where there is room for it.
    private mutating func append(_ line: @autoclosure () -> LogLine) -> Bool {
        guard lines.count < Self.maxLines else {
            dropped += 1
            droppedInAll += 1
            return false
        }
        lines.append(line())
        return true
    }

    /// What is to be written now, line by line, and how long it takes until there is more without another message.
    mutating func take(now: Instant) -> (bytes: [UInt8], pause: Duration?) {
        endCauses(before: now - Self.period)
        var bytes: [UInt8] = []
        for line in lines { Self.append(line, to: &bytes) }
        if dropped > 0 {
            let text = "\(dropped) lines were dropped: they came faster than they are read"
            Self.append(LogLine(.warning, text), to: &bytes)
        }
        lines = []
        dropped = 0
        let next = causes.values.map(\.since).min()
        return (bytes, next.map { $0 + Self.period - now })
    }

    /// Says what was counted, however short the time: there is no later.
    mutating func endAll() {
        for cause in causes.values { say(cause) }
        causes = [:]
    }

    private mutating func endCauses(before limit: Instant) {
        for (shape, cause) in causes where cause.since <= limit {
            causes[shape] = nil
            say(cause)
        }
    }

    private mutating func say(_ cause: Cause) {
        guard cause.repetitions > 0 else { return }
        let first = String(decoding: cause.first.text.prefix(200), as: UTF8.self)
        _ = append(LogLine(cause.level, "\(cause.repetitions) more within a minute, like: \(first)"))
    }

    private static func append(_ line: LogLine, to bytes: inout [UInt8]) {
        bytes += line.text
        bytes.append(UInt8(ascii: "\n"))
    }
}
