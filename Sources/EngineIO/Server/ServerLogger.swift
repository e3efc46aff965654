internal import NetLoop

/// How much a log line matters.
public enum LogLevel: Int, Sendable, Comparable {
    case debug
    case info
    case warning
    case error

    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Where the server's log lines go; conform your application's logger to it.
///
/// Called from any thread, several at a time.
///
/// ```swift
/// struct AppLogger: ServerLogger {
///     let level = LogLevel.info
///     func log(_ level: LogLevel, _ message: String) { print(level, message) }
/// }
/// ```
public protocol ServerLogger: Sendable {
    /// Lines below this level are not made.
    var level: LogLevel { get }
    func log(_ level: LogLevel, _ message: String)
}

extension ServerLogger {
    package func log(at level: LogLevel, _ message: @autoclosure () -> String) {
        if level >= self.level { log(level, message()) }
    }
}

/// Writes lines to standard error; what a server does unless told otherwise, from `.warning` up.
public struct StandardErrorLogger: ServerLogger {
    public let level: LogLevel

    public init(level: LogLevel = .warning) {
        self.level = level
    }

    public func log(_ level: LogLevel, _ message: String) {
        Machine.writeError("[socket.io] \(level): \(message)")
    }
}
