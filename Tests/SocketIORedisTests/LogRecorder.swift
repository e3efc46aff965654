import SocketIO
import Synchronization

/// A log that a test reads.
final class LogRecorder: ServerLogger {
    let level = LogLevel.info
    private let lines = Mutex<[String]>([])

    func log(_ level: LogLevel, _ message: String) {
        lines.withLock { $0.append(message) }
    }

    /// Whether a line has this text.
    func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }

    var all: [String] { lines.withLock { $0 } }
}
