public import SocketIOEvents

/// What came back from a broadcast with acknowledgement.
public struct BroadcastReplies<Reply: Sendable>: Sendable {
    /// The replies, by socket.
    public let replies: [SocketID: Reply]
    /// The sockets that were sent the event and gave no reply in time, left, or replied with something else.
    public let missing: Set<SocketID>

    init(replies: [SocketID: Reply], missing: Set<SocketID>) {
        self.replies = replies
        self.missing = missing
    }
}

extension BroadcastReplies where Reply: Decodable {
    init(_ results: [SocketID: Result<AckReply, AckError>]) {
        var replies: [SocketID: Reply] = [:]
        var missing: Set<SocketID> = []
        for (id, result) in results {
            do throws(AckError) {
                replies[id] = try result.get().decode(as: Reply.self)
            } catch {
                missing.insert(id)
            }
        }
        self.init(replies: replies, missing: missing)
    }
}
