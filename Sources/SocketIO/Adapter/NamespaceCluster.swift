internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// What a namespace has for other nodes: its adapter, while there is one, and what it has asked them.
final class NamespaceCluster: Sendable {
    private struct Joined {
        let adapter: any NamespaceAdapter
        /// The same, if it keeps what is sent for clients that come back.
        let keeping: (any KeepingNamespaceAdapter)?
        let load: ClusterLoad
        var questions: [String: ClusterQuestion] = [:]
    }

    private enum State {
        case apart
        /// The adapter is being asked.
        case joining
        case joined(Joined)
        /// The adapter is being asked, and is to be left at once.
        case leaving
    }

    private let state = Mutex(State.apart)

    /// Begins to carry what is said in `namespace`; nothing happens if that is so already.
    ///
    /// - Parameter isKept: Whether the adapter is to keep it for clients that come back.
    func join(_ namespace: Namespace, over adapter: any Adapter, _ load: ClusterLoad, isKept: Bool) {
        let begins = state.withLock { state in
            guard case .apart = state else { return false }
            state = .joining
            return true
        }
        guard begins else { return }
        let joined = adapter.join(LocalNamespace(namespace, isKept: isKept))
        let stays = state.withLock { state in
            switch state {
            case .joining:
                let keeping = isKept ? joined as? any KeepingNamespaceAdapter : nil
                state = .joined(Joined(adapter: joined, keeping: keeping, load: load))
                return true
            case .apart, .leaving, .joined:
                state = .apart
                return false
            }
        }
        if !stays { joined.leave() }
    }

    func leave() {
        let joined = state.withLock { state -> Joined? in
            switch state {
            case .apart: return nil
            case .joining, .leaving:
                state = .leaving
                return nil
            case .joined(let joined):
                state = .apart
                return joined
            }
        }
        for question in joined?.questions.values ?? [:].values { question.end() }
        joined?.adapter.leave()
    }

    private var adapter: (any NamespaceAdapter)? { change { $0.adapter } }

    /// How much is held for others; nil without any.
    var load: ClusterLoad? { change { $0.load } }

    /// - Returns: Whether it comes back, to be carried out here then.
    @discardableResult
    func publish(_ message: ClusterMessage) -> Bool {
        guard let (adapter, keeping) = change({ ($0.adapter, $0.keeping) }) else { return false }
        if let keeping, message.isKept, keeping.publishKept(message) { return true }
        adapter.publish(message)
        return false
    }

    /// Calls `body` behind all that this thread has published by now; false, and it is not called, if nothing of that comes
    /// back.
    func afterKept(_ bytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard let keeping = change({ $0.keeping }) ?? nil else { return false }
        return keeping.afterKept(bytes, body)
    }

    /// Keeps what a client that is away had.
    func keep(_ session: KeptSession, for time: Duration) {
        guard time > .zero else { return }
        change { $0.keeping }??.keep(session, for: time)
    }

    /// Finds what a client had that comes back.
    func take(
        _ pid: SocketID, after offset: RedisStreamID?, _ found: @escaping @Sendable (KeptReturn?) -> Void
    ) {
        guard let keeping = change({ $0.keeping }) ?? nil else { return found(nil) }
        keeping.take(pid, after: offset, found)
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        adapter?.respond(response, to: request)
    }

    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        if let adapter { adapter.findOtherNodes(found) } else { found(ClusterNodes(count: 0)) }
    }

    // MARK: Requests

    /// Asks the other nodes.
    ///
    /// - Parameters:
    ///   - endsWithFirst: Whether one acknowledgement is all that is asked for.
    ///   - message: What is asked, under an id.
    func ask(endsWithFirst: Bool = false, _ message: (_ request: String) -> ClusterMessage) -> ClusterInquiry {
        let id = ClusterID.make()
        let inquiry = change { joined -> ClusterInquiry in
            guard joined.load.requests.take(1) else { return .refused }
            let question = ClusterQuestion(
                id: id, of: self, over: joined.adapter, joined.load, endsWithFirst: endsWithFirst)
            joined.questions[id] = question
            return .asked(question)
        }
        if case .asked(let question) = inquiry { question.publish(message(id)) }
        return inquiry ?? .alone
    }

    /// Nobody waits for the answers any more.
    func forget(_ question: ClusterQuestion) {
        change { $0.questions[question.id] = nil }
    }

    /// Another node has answered.
    func receive(_ response: ClusterResponse, to request: String, from node: NodeID?) {
        let question = change { $0.questions[request] }
        question??.receive(response, from: node)
    }

    /// Nil while there are no others.
    @discardableResult
    private func change<Result>(_ body: (inout Joined) -> Result) -> Result? {
        state.withLock { state in
            guard case .joined(var joined) = state else { return nil }
            // Moved out, so that the table changes in place.
            state = .apart
            defer { state = .joined(joined) }
            return body(&joined)
        }
    }
}

/// What nodes and requests are told apart by.
package enum ClusterID {
    /// 64 random bits, as Node's adapters write them.
    package static func make() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
