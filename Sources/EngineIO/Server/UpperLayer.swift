/// A protocol that stands on the engine and takes its sessions: the application's closures, or Socket.IO.
package protocol UpperLayer: Sendable {
    /// A server begins to listen: called for each of its loops in turn, on that loop and before its first session.
    ///
    /// - Returns: This layer's part of the loop, which the loop keeps for as long as it serves.
    func started(on shard: EngineShard) -> any UpperShard
    /// The server that began last has closed, or could not listen: its loops are over.
    func stopped()
}

/// One loop's part of a layer. Lives on that loop.
package protocol UpperShard: AnyObject {
    /// Whether a session is of no use before `EngineSession.join`, and goes first where there is no place for another.
    var sessionsJoin: Bool { get }
    /// Whom a new session's messages go to.
    func handler(for session: EngineSession) -> any EngineSessionHandler
    /// The loop serves no session any more.
    func ended()
}
