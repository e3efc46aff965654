extension ClientManager {
    /// How much a log line matters.
    public enum LogLevel: Int, Sendable, Comparable {
        /// Connections that begin and end, and attempts to reconnect.
        case debug
        /// What happens once.
        case info
        /// What the application should look at: handlers that throw, arguments of other types than they take, events
        /// that were dropped, settings that are not followed.
        case warning
        /// What the client could not do.
        case error

        public static func < (left: Self, right: Self) -> Bool {
            left.rawValue < right.rawValue
        }
    }
}

/// Where a client's log lines go; conform your application's logger to it.
///
/// Called from any thread, several at a time, and never while the client changes something: it may call anything.
///
/// ```swift
/// struct AppLogger: ClientLogger {
///     let level = ClientManager.LogLevel.warning
///     func log(_ level: ClientManager.LogLevel, _ message: String) { print(level, message) }
/// }
/// ```
public protocol ClientLogger: Sendable {
    /// Lines below this level are not made.
    var level: ClientManager.LogLevel { get }
    /// Takes a line. Returns soon, since the manager's event loop waits for it.
    func log(_ level: ClientManager.LogLevel, _ message: String)
}
