internal import NetLoop
public import SocketIOWire

/// Where the server's log lines go; conform your application's logger to it.
///
/// `info` is for what happens once, `warning` and `error` for what wants somebody's attention. What a peer can cause as
/// often as it likes is written once, and then, for each minute in which it happened again, as one line that says how
/// often. `debug` has a line for each client that broke a rule, and for each event that nobody handles.
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
    /// Takes a line, which is not escaped: it may quote what a client sent. Returns soon, since an event loop waits for it.
    func log(_ level: LogLevel, _ message: String)
}

extension ServerLogger {
    package func log(at level: LogLevel, _ message: @autoclosure () -> String) {
        if level >= self.level { log(level, message()) }
    }
}

/// Writes lines to standard error; what a server does unless told otherwise, from `.info` up.
///
/// Nobody waits for standard error: a thread of the process's own writes, and at most 256 lines wait for it; how many more
/// were dropped is said once there is room. A line has at most 1 KB, and control characters are spelled out, so that what
/// a client sends cannot look like a line of the server's. Of warnings and errors that differ in numbers, ids and quoted
/// words only, the first is written, and a minute later how many followed. When the process ends by `exit` or the end of
/// `main`, what waits is written, unless nobody has read it after 200 ms; a crash or a signal loses it.
public struct StandardErrorLogger: ServerLogger {
    public let level: LogLevel

    /// A logger that leaves out what is below `level`.
    public init(level: LogLevel = .info) {
        self.level = level
    }

    public func log(_ level: LogLevel, _ message: String) {
        LogWriter.standardError.log(level, message)
    }
}
