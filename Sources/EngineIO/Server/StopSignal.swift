internal import NetLoop

/// A signal at which `run` ends the server. The next one, before the server has closed, ends the process at once.
public struct StopSignal: Hashable, Sendable, CustomStringConvertible {
    let signal: ProcessSignal

    /// `SIGTERM`: what `docker stop`, `kill` and systemd send.
    public static let terminate = StopSignal(signal: .terminate)
    /// `SIGINT`: Ctrl-C.
    public static let interrupt = StopSignal(signal: .interrupt)
    /// `SIGHUP`: the terminal is gone.
    public static let hangup = StopSignal(signal: .hangup)

    /// Its name: `SIGTERM`.
    public var description: String {
        switch signal {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangup: "SIGHUP"
        }
    }
}
