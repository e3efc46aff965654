internal import SocketIOEvents
internal import Synchronization

/// The answer that another node asks this one's handlers of an event for: what the first of them returns that returns
/// something. Where none does, it says that all have ended.
final class ServerSideAck: Sendable {
    private enum State {
        case pending(handlersLeft: Int)
        case answered
    }

    private let request: ClusterRequest
    private let cluster: NamespaceCluster
    private let state = Mutex(State.pending(handlersLeft: 0))

    init(_ request: ClusterRequest, of cluster: NamespaceCluster) {
        self.request = request
        self.cluster = cluster
    }

    /// So many handlers are about to be called that return nothing.
    func expect(_ handlers: Int) {
        state.withLock { $0 = .pending(handlersLeft: handlers) }
    }

    /// A handler has ended.
    ///
    /// - Parameter reply: What it has returned; nil for nothing.
    func handlerEnded(with reply: EventArguments?) {
        let answer = state.withLock { state -> EventArguments? in
            guard case .pending(let left) = state else { return nil }
            if reply == nil, left != 1 {
                state = .pending(handlersLeft: left - 1)
                return nil
            }
            state = .answered
            return reply ?? EventArguments([])
        }
        if let answer { cluster.respond(.reply(answer), to: request) }
    }
}
