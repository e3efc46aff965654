import SocketIO
import Synchronization

/// Plays the other nodes: notes what is said to them, and says what the test wants.
final class ScriptedAdapter: Adapter {
    struct State {
        var namespaces: [String: LocalNamespace] = [:]
        var messages: [ClusterMessage] = []
        var responses: [(response: ClusterResponse, request: ClusterRequest)] = []
        /// Nil to say nothing of them.
        var others: ClusterNodes?
        var left: [String] = []
        /// Whether what is published arrives; nil to say nothing of it.
        var isThere: Bool? = true
    }

    let state: Mutex<State>

    init(others: ClusterNodes? = ClusterNodes(count: 1)) {
        state = Mutex(State(others: others))
    }

    func join(_ namespace: LocalNamespace) -> any NamespaceAdapter {
        state.withLock { $0.namespaces[namespace.name] = namespace }
        return ScriptedNamespace(name: namespace.name, adapter: self)
    }

    func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (Bool) -> Void) {
        body()
        if let isThere = state.withLock({ $0.isThere }) { confirmed(isThere) }
    }

    /// The main namespace.
    var local: LocalNamespace { state.withLock { $0.namespaces["/"] ?? { preconditionFailure("not joined") }() } }

    /// The first message, or the one at `index`, waited for.
    func message(_ index: Int = 0) async throws -> ClusterMessage {
        guard await eventually({ state.withLock { $0.messages.count > index } }) else {
            throw Unexpected(what: "\(state.withLock { $0.messages })")
        }
        return state.withLock { $0.messages[index] }
    }

    func responses(_ count: Int) async throws -> [(response: ClusterResponse, request: ClusterRequest)] {
        guard await eventually({ state.withLock { $0.responses.count >= count } }) else {
            throw Unexpected(what: "\(state.withLock { $0.responses })")
        }
        return state.withLock { $0.responses }
    }
}

private struct ScriptedNamespace: NamespaceAdapter {
    let name: String
    let adapter: ScriptedAdapter

    func publish(_ message: ClusterMessage) {
        adapter.state.withLock { $0.messages.append(message) }
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        adapter.state.withLock { $0.responses.append((response, request)) }
    }

    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        if let others = adapter.state.withLock({ $0.others }) { found(others) }
    }

    func leave() {
        adapter.state.withLock { $0.left.append(name) }
    }
}

extension ClusterMessage {
    /// What is asked under which id.
    var request: String {
        switch self {
        case .broadcast(_, _, _, let request?), .fetchSockets(_, let request), .serverSideEmit(_, let request?): request
        case .broadcast(_, _, _, nil), .serverSideEmit(_, nil), .join, .leave, .disconnect: "none"
        }
    }

    /// Like Node's, for comparison.
    var words: String {
        switch self {
        case .broadcast(let event, let audience, let flags, let request):
            "broadcast \(JSONValue.array(event.values)) \(audience.words)\(flags.isVolatile ? " volatile" : "")"
                + (request == nil ? "" : " asking")
        case .join(let rooms, let audience): "join \(rooms) \(audience.words)"
        case .leave(let rooms, let audience): "leave \(rooms) \(audience.words)"
        case .disconnect(let audience, let closes): "disconnect \(audience.words)\(closes ? " closing" : "")"
        case .fetchSockets(let audience, _): "fetch \(audience.words)"
        case .serverSideEmit(let event, let request):
            "servers \(JSONValue.array(event.values))" + (request == nil ? "" : " asking")
        }
    }
}

extension ClusterAudience {
    var words: String { "\(rooms)-\(except)" }
}
