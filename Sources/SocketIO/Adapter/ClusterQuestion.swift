internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// A request to other nodes, while its answers are waited for. One task waits; any thread answers.
final class ClusterQuestion: Sendable {
    private struct State {
        var answers: ClusterAnswers
        var byteCount = 0
        /// What the task waits at, until something has changed for it.
        var waiting: Gathering<Void>?
        var hasEnded = false
    }

    let id: String
    private let cluster: NamespaceCluster
    private let adapter: any NamespaceAdapter
    private let load: ClusterLoad
    private let state: Mutex<State>

    /// - Parameter load: One of its requests has been taken for this one.
    init(
        id: String, of cluster: NamespaceCluster, over adapter: any NamespaceAdapter, _ load: ClusterLoad,
        endsWithFirst: Bool
    ) {
        self.id = id
        self.cluster = cluster
        self.adapter = adapter
        self.load = load
        state = Mutex(State(answers: ClusterAnswers(endsWithFirst: endsWithFirst)))
    }

    deinit {
        load.requests.give(back: 1)
        load.answerBytes.give(back: state.withLock { $0.byteCount })
    }

    /// Has `message` published as soon as it is known who is to answer it.
    func publish(_ message: ClusterMessage) {
        adapter.findOtherNodes { nodes in
            let isFirst = self.change { state in
                defer { state.answers.expect(nodes) }
                return !state.answers.isPublished
            }
            if isFirst == true { self.adapter.publish(message) }
        }
    }

    func receive(_ response: ClusterResponse, from node: NodeID?) {
        let byteCount = response.byteCount
        guard load.answerBytes.take(byteCount) else {
            change { $0.answers.cut() }
            return
        }
        let isKept: Void? = change { state in
            state.byteCount += byteCount
            state.answers.receive(response, from: node)
        }
        if isKept == nil { load.answerBytes.give(back: byteCount) }
    }

    /// The namespace has left the others: nobody answers any more.
    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            return state.waiting
        }
        waiting?.expire()
    }

    /// Nil, and nothing is changed, once nobody waits any more.
    @discardableResult
    private func change<Result>(_ body: (inout State) -> Result) -> Result? {
        let (result, waiting) = state.withLock { state -> (Result?, Gathering<Void>?) in
            guard !state.hasEnded else { return (nil, nil) }
            let result = body(&state)
            return (result, state.answers.isAwaited ? nil : state.waiting)
        }
        waiting?.give(())
        return result
    }

    /// Between two times at which it is asked who is still there.
    private static let patience = Duration.seconds(1)

    /// What has been answered once all have answered who can, or after `timeout`, or when the task is cancelled.
    func answers(within timeout: Duration, on loops: [EventLoop]) async -> ClusterAnswers {
        var left = timeout.bounded
        while left > .zero, !Task.isCancelled, let waiting = nextWait() {
            let time = min(left, Self.patience)
            left -= time
            let outcome = await waiting.outcome(within: time, on: loops)
            if outcome.isComplete || outcome.hasEnded || left == .zero { break }
            adapter.findOtherNodes { nodes in
                self.change { state in
                    if state.answers.isPublished { state.answers.expect(nodes) }
                }
            }
        }
        cluster.forget(self)
        return state.withLock { state in
            state.hasEnded = true
            return state.answers
        }
    }

    /// Nil if there is nothing to wait for.
    private func nextWait() -> Gathering<Void>? {
        state.withLock { state in
            guard !state.hasEnded, state.answers.isAwaited else { return nil }
            let waiting = Gathering<Void>(sources: 1)
            state.waiting = waiting
            return waiting
        }
    }
}

/// What became of a request to other nodes.
enum ClusterInquiry: Sendable {
    /// There are no others.
    case alone
    /// So many requests wait already that there is no room for another.
    case refused
    case asked(ClusterQuestion)

    func answers(within timeout: Duration, on loops: [EventLoop]) async -> ClusterAnswers {
        switch self {
        case .alone:
            var none = ClusterAnswers()
            none.expect(ClusterNodes(count: 0))
            return none
        case .refused: return ClusterAnswers()
        case .asked(let question): return await question.answers(within: timeout, on: loops)
        }
    }
}
