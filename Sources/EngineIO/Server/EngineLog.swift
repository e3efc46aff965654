internal import NetLoop
internal import SocketIOWire

/// What a server that listens says of its peers above debug level, all its loops together.
final class EngineLog: Sendable {
    let limits = LimitCounts()
    let foreignHost: CountedLine
    let foreignOrigin: CountedLine
    let revision3: CountedLine
    let refusedFile: CountedLine
    let unsentField: CountedLine
    let closeCode: CountedLine
    let madeRoom: CountedLine
    let refusedConnection: CountedLine
    let exhausted: CountedLine
    let dropped: CountedLine
    /// Code of the application that decides about requests, or answers them, failed.
    let failures: CountedLines
    private let logger: any ServerLogger
    private let isFull: CountedLine
    private let networkIsFull: CountedLine
    private let unjoinedEnd: CountedLine

    init(_ configuration: EngineIOServer.Configuration) {
        let (limits, logger, counts) = (configuration.limits, configuration.logger, self.limits)
        self.logger = logger
        foreignHost = CountedLine(
            "request refused: its Host is not on the list; add the name to `hosts`", to: logger)
        foreignOrigin = CountedLine(
            "page of another origin refused: add the origin to `cors`, if it may connect; if the page is this server's, "
                + "have the proxy in front pass `Host` on", to: logger)
        revision3 = CountedLine(
            "a client of Socket.IO 2 (Engine.IO 3) is refused; update it to version 3 or 4, or set `allowEIO3`",
            to: logger)
        refusedFile = CountedLine("a file that is there is not sent", to: logger)
        unsentField = CountedLine(
            "a field of a response is not sent: its name is none, its value has control characters, or it says where the "
                + "body ends, which the server does", to: logger)
        closeCode = CountedLine(
            "a WebSocket is closed with 1011, since the code that was given is one that is never sent", to: logger)
        madeRoom = CountedLine(
            "clients that do not take what waits for them are given up, because it is too much in all; see "
                + "`limits.bufferedBytesTotal`", limit: ("bufferedBytesTotal", counts),
            to: logger)
        refusedConnection = CountedLine(
            "connection refused: \(limits.connections) are open; raise `limits.connections`",
            limit: ("connections", counts),
            to: logger)
        exhausted = CountedLine(
            "no connection can be accepted for a moment; raise the limit of open descriptors (`ulimit -n`), or lower "
                + "`limits.connections`", at: .error, to: logger)
        dropped = CountedLine(
            "messages to the clients of one event loop are dropped: it does not get to those that wait for it. "
                + "Do not block in handlers; see `limits.mailboxBytes`", at: .error, limit: ("mailboxBytes", counts),
            to: logger)
        failures = CountedLines(others: "further requests failed", at: .error, to: logger)
        isFull = CountedLine(
            "session refused: \(limits.sessions ?? limits.connections) are open; see `limits.sessions`",
            limit: ("sessions", counts),
            to: logger)
        networkIsFull = CountedLine(
            "session refused: its address has as many as `limits.sessionsPerAddress` allows",
            limit: ("sessionsPerAddress", counts),
            to: logger)
        unjoinedEnd = CountedLine(
            "session ended for a newer one before it joined a namespace; see `limits.unjoinedSessions`",
            limit: ("unjoinedSessions", counts),
            to: logger)
    }

    /// What the application decides by threw what is no answer to the client. In its task.
    func noteFailure(of closure: String, _ error: any Error, on loop: EventLoop) {
        if Task.isCancelled {
            logger.log(at: .debug, "\(closure) ended with its client: \(error)")
        } else {
            failures.note("\(closure) failed", "\(error)", on: loop)
        }
    }

    func noteRefusal(_ full: SessionAdmission.Full, on loop: EventLoop) {
        switch full {
        case .server: isFull.note(on: loop)
        case .network: networkIsFull.note(on: loop)
        }
    }

    func noteEndings(_ count: Int, on loop: EventLoop) {
        unjoinedEnd.note(times: count, on: loop)
    }
}
