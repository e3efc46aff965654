internal import SocketIOEvents

/// What other nodes answer to one request: who is to, who has, and what is still to come.
///
/// A node answers a request once; to a broadcast with acknowledgements it says first how many sockets it asks, and then what
/// each of them answered. Where nodes cannot be told apart they are counted.
struct ClusterAnswers: Sendable {
    /// Whether one acknowledgement is all that is asked for.
    let endsWithFirst: Bool
    /// What was answered, in the order in which it came.
    private(set) var all: [(response: ClusterResponse, node: NodeID?)] = []
    /// Who was there when the request was published; nil while that is not known.
    private var asked: ClusterNodes?
    /// Who of these was there when that was asked last.
    private var present: ClusterNodes?
    private var answered: Set<NodeID> = []
    private var anonymousAnswers = 0
    /// Acknowledgements that a node has announced and not told yet.
    private var announced: [NodeID?: Int] = [:]
    /// Who does not tell which sockets these are of.
    private var secretive: Set<NodeID?> = []
    private var hasFirst = false
    /// Some answers were not kept.
    private var isCut = false

    init(endsWithFirst: Bool = false) {
        self.endsWithFirst = endsWithFirst
    }

    /// Whether the nodes are known that are to answer.
    var isPublished: Bool { asked != nil }

    /// These nodes are there: first those that are to answer, then those of them that still may.
    mutating func expect(_ nodes: ClusterNodes) {
        if asked == nil { asked = nodes }
        present = nodes
    }

    var responses: [ClusterResponse] { all.map(\.response) }

    /// A node has answered.
    mutating func receive(_ response: ClusterResponse, from node: NodeID?) {
        switch response {
        case .sockets, .reply:
            guard note(node) else { return }
        case .asked(let count, let sockets):
            guard note(node) else { return }
            // Whatever it says, the sum does not overflow.
            announced[node, default: 0] += min(max(count, 0), Int(UInt32.max))
            if sockets == nil { secretive.insert(node) }
        case .acknowledged(let arguments, by: _):
            announced[node, default: 0] -= 1
            if arguments != nil { hasFirst = true }
        }
        all.append((response, node))
    }

    /// An answer has come that there is no room for.
    mutating func cut() { isCut = true }

    /// False if the node has answered before.
    private mutating func note(_ node: NodeID?) -> Bool {
        guard let node else {
            anonymousAnswers += 1
            return true
        }
        return answered.insert(node).inserted
    }

    private var answerCount: Int { answered.count + anonymousAnswers }

    /// Whether something may still come that is worth waiting for.
    var isAwaited: Bool {
        guard let asked, let present else { return true }
        if endsWithFirst, hasFirst { return false }
        guard let ids = asked.ids else {
            return answerCount < min(asked.count, present.count) || announced.values.contains { $0 > 0 }
        }
        // Who was not asked may answer all the same, and is not waited for.
        return ids.contains { node in
            (present.ids?.contains(node) ?? true)
                && (!answered.contains(node) || announced[node, default: 0] > 0)
        }
    }

    /// Whether every node has answered, and nothing is missing that could not be named.
    var isComplete: Bool {
        guard let asked, !isCut else { return false }
        if endsWithFirst, hasFirst { return true }
        guard answerCount >= asked.count, missingNodes.isEmpty else { return false }
        return secretive.allSatisfy { announced[$0, default: 0] <= 0 }
    }

    /// The nodes that have not answered, as far as they are known.
    var missingNodes: Set<NodeID> { (asked?.ids ?? []).subtracting(answered) }
}
