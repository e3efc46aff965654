import CommandLineOptions
import SocketIO

/// The command line.
struct Options {
    /// What `/files` serves.
    var files: String?
    fileprivate var loops = 1
    fileprivate var connections: Int?
    fileprivate var bufferedBytesTotal: Int?
    fileprivate var stallTime: Duration?
    fileprivate var sendRateTime: Duration?
    fileprivate var pingInterval = Duration.seconds(25)
    fileprivate var pingTimeout = Duration.seconds(20)

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        let operands = try Option.read(arguments, into: &self, knowing: Option.all)
        if let word = operands.first { throw UsageError("unknown operand '\(word)'") }
    }

    /// One loop for all of them, so that whoever holds it up is noticed by everybody.
    func apply(to configuration: inout SocketIOServer.Configuration) {
        configuration.loops = loops
        if let connections { configuration.engine.limits.connections = connections }
        if let bufferedBytesTotal { configuration.engine.limits.bufferedBytesTotal = bufferedBytesTotal }
        if let stallTime { configuration.engine.limits.stallTime = stallTime }
        if let sendRateTime { configuration.engine.limits.sendRateTime = sendRateTime }
        configuration.engine.pingInterval = pingInterval
        configuration.engine.pingTimeout = pingTimeout
        // What has ended is not waited for.
        configuration.engine.limits.pollingCloseTime = .seconds(1)
        configuration.connectTimeout = pingInterval + pingTimeout
    }
}

extension Option<Options> {
    fileprivate static var all: [Option] {
        [
            Option("--files", .text("FOLDER"), "served as /files") { $0.files = $1 },
            Option("--loops", .number(from: 1), "event loops (1)") { $0.loops = $1 },
            Option("--connections", .number(from: 1), "at most") { $0.connections = $1 },
            Option("--buffered-bytes-total", .number(from: 1), "unsent, of all") { $0.bufferedBytesTotal = $1 },
            Option("--stall-time", .number("MS", from: 1), "milliseconds") { $0.stallTime = .milliseconds($1) },
            Option("--send-rate-time", .number("MS", from: 1), "milliseconds") { $0.sendRateTime = .milliseconds($1) },
            Option("--ping-interval", .number("MS", from: 1), "milliseconds") { $0.pingInterval = .milliseconds($1) },
            Option("--ping-timeout", .number("MS", from: 1), "milliseconds") { $0.pingTimeout = .milliseconds($1) },
        ]
    }
}
