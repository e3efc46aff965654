internal import NetLoop
public import SocketIOWire

extension ClientManager {
    /// How much a log line matters: `debug` has connections that begin and end, and attempts to reconnect; `warning` what
    /// the application should look at, which is handlers that throw, arguments of other types than they take, events that
    /// were dropped, settings that are not followed.
    public typealias LogLevel = SocketIOWire.LogLevel

    /// Writes lines to standard error, as the server's default logger does: nobody waits for it, of warnings that differ in
    /// numbers, ids and quoted words only the first is written, and a minute later how many followed, and control
    /// characters are spelled out, so that what a server sends cannot look like a line of the client's.
    ///
    /// ```swift
    /// let manager = ClientManager(url: "https://example.com") { $0.logger = ClientManager.StandardErrorLogger(level: .debug) }
    /// ```
    public struct StandardErrorLogger: ClientLogger {
        public let level: LogLevel

        /// A logger that leaves out what is below `level`.
        public init(level: LogLevel = .warning) {
            self.level = level
        }

        public func log(_ level: LogLevel, _ message: String) {
            LogWriter.standardError.log(level, message)
        }
    }
}

/// Where a client's log lines go; conform your application's logger to it, or take `ClientManager.StandardErrorLogger`.
///
/// Called from any thread, several at a time, and never while the client changes something: it may call anything. A server
/// can make the client write a warning for each event, with words of the server's in it: count them, and keep control
/// characters out of a terminal.
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
