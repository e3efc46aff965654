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
    /// What a message is, for who counts them before it is used.
    func kind(ofText text: Span<UInt8>) -> MessageKind
    func kind(ofBinary bytes: [UInt8]) -> MessageKind
    /// The loop serves no session any more.
    func ended()
}

/// What a message is to a layer, as far as rates go.
package enum MessageKind: Sendable {
    /// It may be dropped, with so many binary messages that follow it.
    case event(attachments: Int)
    /// It counts as an event, and must not be dropped.
    case control
    /// The other side has asked for it.
    case answer
    /// A part of the event before it.
    case attachment
}
