internal import EngineIO
internal import NetLoop
internal import SocketIOWire

/// What a server that listens says of its sockets above debug level, all its loops together.
final class ServerLog: Sendable {
    let tooManyRooms: CountedLine
    let longRoomName: CountedLine
    let tooManyNamespaces: CountedLine
    let failedMatcher: CountedLine
    let notPacked: CountedLine
    let otherParser: CountedLine
    let dropped: CountedLine
    let handlersAreFull: CountedLine
    /// What the application's code did not do for a socket.
    let failures: CountedLines
    /// Broadcasts that were not sent, and handlers that were not registered.
    let unsent: CountedLines
    let clusterIsFull: CountedLine
    /// What is wrong with other nodes, or with the way to them.
    let cluster: CountedLines
    let clusterNews: CountedLines

    /// - Parameter limits: Where those are counted that are met.
    init(to logger: any ServerLogger, countingIn limits: LimitCounts) {
        tooManyRooms = CountedLine(
            "a socket joins no further room; raise `limits.roomsPerSocket`", limit: ("roomsPerSocket", limits),
            to: logger)
        longRoomName = CountedLine(
            "a room's name is too long to be joined; raise `limits.roomNameBytes`", limit: ("roomNameBytes", limits),
            to: logger)
        tooManyNamespaces = CountedLine(
            "a namespace is refused; raise `limits.dynamicNamespaces`", limit: ("dynamicNamespaces", limits),
            to: logger)
        failedMatcher = CountedLine("who decides about a namespace failed, which is a no", to: logger)
        notPacked = CountedLine("a packet was not sent, because it cannot be MessagePack", at: .error, to: logger)
        otherParser = CountedLine(
            "a client is refused, because it has another parser than `configuration.parser`", to: logger)
        dropped = CountedLine(
            "events for the clients of one event loop are dropped: it does not get to those that wait for it. "
                + "Do not block in handlers; see `limits.mailboxBytes`", at: .error, limit: ("mailboxBytes", limits),
            to: logger)
        handlersAreFull = CountedLine(
            "what clients send waits, because so many asynchronous handlers have not ended; have them end sooner, or raise "
                + "`limits.handlersInFlightTotal`", limit: ("handlersInFlightTotal", limits),
            to: logger)
        failures = CountedLines(others: "further handlers failed; see onHandlerError", to: logger)
        unsent = CountedLines(others: "further events were not sent", at: .error, to: logger)
        clusterIsFull = CountedLine(
            "a request to another node, or of another, is dropped, because so many are under way; see "
                + "`limits.clusterRequests`", limit: ("clusterRequests", limits), to: logger)
        cluster = CountedLines(others: "further trouble with other nodes", to: logger)
        clusterNews = CountedLines(others: "further news of other nodes", at: .info, to: logger)
    }
}
