/// How much a log line matters.
public enum LogLevel: Int, Sendable, Comparable {
    /// What a peer did wrong, and other news of one connection.
    case debug
    /// What happens once, as at the start.
    case info
    /// What somebody should look at: a limit that was met, a handler that failed.
    case warning
    /// What could not be done.
    case error

    /// Whether `left` matters less than `right`.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}
