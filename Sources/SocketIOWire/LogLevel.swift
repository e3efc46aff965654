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
