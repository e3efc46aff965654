public import SocketIOEvents

/// What came back from a broadcast with acknowledgement.
public struct BroadcastReplies<Reply: Sendable>: Sendable {
    /// The replies, by socket.
    public let replies: [SocketID: Reply]
    /// Replies of sockets of other nodes that do not tell which socket has given them, as Node's do.
    public let anonymousReplies: [Reply]
    /// The sockets that gave no reply in time, left, replied with something else, or could not be sent the event.
    public let missing: Set<SocketID>
    /// The nodes that did not answer in time, as far as the adapter knows who there is.
    public let missingNodes: Set<NodeID>
    /// Whether the replies and `missing` are of all sockets that were meant; false if an event loop that is busy took no more
    /// (`engine.limits.mailboxBytes`), or did not tell in time which of them it has, and if another node did not answer, or
    /// one of its sockets that is not named in `missing`.
    public let isComplete: Bool

    /// All replies, in no order.
    public var all: [Reply] { Array(replies.values) + anonymousReplies }
}

/// How the sockets settled that a broadcast asked for acknowledgements.
struct BroadcastResults {
    private(set) var sockets: [SocketID: Result<AckReply, AckError>] = [:]
    private(set) var anonymous: [AckReply] = []
    private(set) var missingNodes: Set<NodeID> = []
    private(set) var isComplete = true

    /// Those of this node.
    mutating func add(_ results: BroadcastAcks.Results) {
        sockets.merge(results.sockets) { first, _ in first }
        isComplete = isComplete && results.isComplete
    }

    /// Those of other nodes.
    mutating func add(_ answers: ClusterAnswers) {
        for response in answers.responses {
            switch response {
            case .asked(count: _, sockets: let ids?):
                // Until they answer.
                for id in ids where sockets[id] == nil { sockets[id] = .failure(AckError(.timedOut)) }
            case .acknowledged(let arguments?, by: let id?): sockets[id] = .success(AckReply(arguments))
            case .acknowledged(let arguments?, by: nil): anonymous.append(AckReply(arguments))
            case .acknowledged(nil, by: let id?): sockets[id] = .failure(AckError(.disconnected))
            case .acknowledged(nil, by: nil): isComplete = false
            case .asked(count: _, sockets: nil), .sockets, .reply: break
            }
        }
        missingNodes.formUnion(answers.missingNodes)
        isComplete = isComplete && answers.isComplete
    }
}

extension BroadcastReplies where Reply: Decodable {
    init(_ results: BroadcastResults) {
        var replies: [SocketID: Reply] = [:]
        var missing: Set<SocketID> = []
        for (id, result) in results.sockets {
            do throws(AckError) {
                replies[id] = try result.get().decode(as: Reply.self)
            } catch {
                missing.insert(id)
            }
        }
        self.replies = replies
        self.missing = missing
        // One of another type is none.
        anonymousReplies = results.anonymous.compactMap { try? $0.decode(as: Reply.self) }
        missingNodes = results.missingNodes
        isComplete = results.isComplete && anonymousReplies.count == results.anonymous.count
    }
}
