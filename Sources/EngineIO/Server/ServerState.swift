/// From `listen` to the end of `close`, and again.
enum ServerState {
    case idle
    /// `listen` is under way; then the server closes, if it was told to meanwhile.
    case starting(ServerRun, closesThen: Bool)
    case listening(ServerRun, RunningServer)
    /// The sessions are being ended one after the other; closing afterwards.
    case draining(ServerRun, RunningServer)
    /// The sessions are being ended; idle afterwards.
    case closing(ServerRun)

    /// What is to be waited for, if anything is.
    var run: ServerRun? {
        switch self {
        case .idle: nil
        case .starting(let run, closesThen: _), .listening(let run, _), .draining(let run, _), .closing(let run): run
        }
    }

    /// What serves, while something does.
    var running: RunningServer? {
        switch self {
        case .listening(_, let running), .draining(_, let running): running
        case .idle, .starting, .closing: nil
        }
    }

    /// False if the server does something already.
    mutating func start(_ run: ServerRun) -> Bool {
        guard case .idle = self else { return false }
        self = .starting(run, closesThen: false)
        return true
    }

    /// What was started serves now; false if it is to be stopped, since the server was told to close meanwhile.
    mutating func listen(_ run: ServerRun, _ running: RunningServer) -> Bool {
        if case .starting(_, closesThen: true) = self {
            self = .closing(run)
            return false
        }
        self = .listening(run, running)
        return true
    }

    /// - Returns: What is to have its clients leave, if anything is.
    mutating func drain(_ run: ServerRun) -> RunningServer? {
        switch self {
        case .starting(let current, closesThen: _) where current === run:
            // Nobody is there yet.
            self = .starting(run, closesThen: true)
            return nil
        case .listening(let current, let running) where current === run:
            self = .draining(run, running)
            return running
        case .idle, .starting, .listening, .draining, .closing:
            return nil
        }
    }

    /// - Returns: What is to be stopped, if anything is.
    mutating func close(_ run: ServerRun) -> RunningServer? {
        switch self {
        case .starting(let current, closesThen: _) where current === run:
            self = .starting(run, closesThen: true)
            return nil
        case .listening(let current, let running) where current === run,
            .draining(let current, let running) where current === run:
            self = .closing(run)
            return running
        case .idle, .starting, .listening, .draining, .closing:
            return nil
        }
    }
}
