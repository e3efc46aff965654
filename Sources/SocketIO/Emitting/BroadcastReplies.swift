public import SocketIOEvents

/// What came back from a broadcast with acknowledgement.
public struct BroadcastReplies<Reply: Sendable>: Sendable {
    /// The replies, by socket.
    public let replies: [SocketID: Reply]
    /// The sockets that gave no reply in time, left, replied with something else, or could not be sent the event.
    public let missing: Set<SocketID>
    /// Whether the sockets in `replies` and `missing` are all that were meant; false if an event loop that is busy took no
    /// more (`engine.limits.mailboxBytes`), or did not tell in time which of them it has.
    public let isComplete: Bool

    init(replies: [SocketID: Reply], missing: Set<SocketID>, isComplete: Bool) {
        self.replies = replies
        self.missing = missing
        self.isComplete = isComplete
    }
}

extension BroadcastReplies where Reply: Decodable {
    init(_ results: BroadcastAcks.Results) {
        var replies: [SocketID: Reply] = [:]
        var missing: Set<SocketID> = []
        for (id, result) in results.sockets {
            do throws(AckError) {
                replies[id] = try result.get().decode(as: Reply.self)
            } catch {
                missing.insert(id)
            }
        }
        self.init(replies: replies, missing: missing, isComplete: results.isComplete)
    }
}
