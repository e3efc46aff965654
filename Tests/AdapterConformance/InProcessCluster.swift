package import SocketIO
internal import Synchronization

/// Joins servers of one process, so that what is said between nodes can be tried without a network.
package final class InProcessCluster: Sendable {
    /// What nodes can tell of themselves.
    package enum Telling: Sendable, CaseIterable {
        /// Who they are, and whose an acknowledgement is.
        case everything
        /// Their number, as Node's adapters over Redis' channels: answers have no sender, and values are written anew.
        case numbers
    }

    private struct State {
        var lastNumber = 0
        /// By the name of the namespace.
        var members: [String: [NodeID: LocalNamespace]] = [:]
        /// They are there, and hear and say nothing.
        var silent: Set<NodeID> = []
    }

    private let state = Mutex(State())
    fileprivate let telling: Telling

    package init(_ telling: Telling = .everything) {
        self.telling = telling
    }

    /// The adapter of one further node.
    package func makeAdapter() -> InProcessAdapter {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return InProcessAdapter(node: NodeID("node \(number)"), cluster: self)
    }

    /// From now on the node hears nothing, and what it says is heard by nobody, as if its network were cut.
    package func silence(_ node: NodeID) {
        state.withLock { _ = $0.silent.insert(node) }
    }

    /// All see that a silent node is gone.
    package func bury(_ node: NodeID) {
        state.withLock { state in
            for name in state.members.keys { state.members[name]?[node] = nil }
        }
    }

    fileprivate func join(_ namespace: LocalNamespace, as node: NodeID) {
        state.withLock { $0.members[namespace.name, default: [:]][node] = namespace }
    }

    fileprivate func leave(_ name: String, _ node: NodeID) {
        // It ends when the lock is free again.
        let left = state.withLock { $0.members[name]?.removeValue(forKey: node) }
        withExtendedLifetime(left) {}
    }

    fileprivate func others(than node: NodeID, in name: String) -> [NodeID: LocalNamespace] {
        var others = state.withLock { $0.members[name] ?? [:] }
        others[node] = nil
        return others
    }

    /// Those of the others who hear what `node` says.
    fileprivate func listeners(to node: NodeID, in name: String) -> [LocalNamespace] {
        let silent = state.withLock { $0.silent }
        guard !silent.contains(node) else { return [] }
        return others(than: node, in: name).filter { !silent.contains($0.key) }.map(\.value)
    }

    /// The one that has asked; where nodes are not told apart, all of them get the answer.
    fileprivate func asker(_ request: ClusterRequest, of node: NodeID, in name: String) -> [LocalNamespace] {
        guard let asker = request.node else { return listeners(to: node, in: name) }
        let silent = state.withLock { $0.silent }
        guard !silent.contains(node), !silent.contains(asker) else { return [] }
        return others(than: node, in: name)[asker].map { [$0] } ?? []
    }
}

package final class InProcessAdapter: Adapter {
    package let node: NodeID
    private let cluster: InProcessCluster

    fileprivate init(node: NodeID, cluster: InProcessCluster) {
        self.node = node
        self.cluster = cluster
    }

    package func join(_ namespace: LocalNamespace) -> any NamespaceAdapter {
        cluster.join(namespace, as: node)
        return InProcessNamespace(name: namespace.name, node: node, cluster: cluster)
    }

    package func confirm(_ body: () -> Void, _ confirmed: @escaping @Sendable (Bool) -> Void) {
        body()
        confirmed(true)
    }
}

private struct InProcessNamespace: NamespaceAdapter {
    let name: String
    let node: NodeID
    let cluster: InProcessCluster

    private var sender: NodeID? {
        switch cluster.telling {
        case .everything: node
        case .numbers: nil
        }
    }

    func publish(_ message: ClusterMessage) {
        for namespace in cluster.listeners(to: node, in: name) {
            namespace.receive(cluster.telling.carried(message), from: sender)
        }
    }

    func respond(_ response: ClusterResponse, to request: ClusterRequest) {
        guard let response = cluster.telling.carried(response) else { return }
        for namespace in cluster.asker(request, of: node, in: name) {
            namespace.receive(response, to: request.id, from: sender)
        }
    }

    func findOtherNodes(_ found: @escaping @Sendable (ClusterNodes) -> Void) {
        let others = cluster.others(than: node, in: name).keys
        switch cluster.telling {
        case .everything: found(ClusterNodes(Set(others)))
        case .numbers: found(ClusterNodes(count: others.count))
        }
    }

    func leave() {
        cluster.leave(name, node)
    }
}

extension InProcessCluster.Telling {
    /// What becomes of a message on its way.
    fileprivate func carried(_ message: ClusterMessage) -> ClusterMessage {
        switch (self, message) {
        case (.everything, _): message
        case (.numbers, .broadcast(let event, let audience, let flags, let request)):
            .broadcast(written(event), audience, flags, request: request)
        case (.numbers, .serverSideEmit(let event, let request)): .serverSideEmit(written(event), request: request)
        case (.numbers, .join), (.numbers, .leave), (.numbers, .disconnect), (.numbers, .fetchSockets): message
        }
    }

    private func written(_ event: ClusterEvent) -> ClusterEvent {
        guard let written = ClusterEvent(event.values) else { preconditionFailure("an event is one again") }
        return written
    }

    /// The same of a response; nil if it cannot be said.
    fileprivate func carried(_ response: ClusterResponse) -> ClusterResponse? {
        switch (self, response) {
        case (.everything, _), (.numbers, .sockets): response
        case (.numbers, .reply(let arguments)): .reply(first(of: arguments))
        case (.numbers, .asked(let count, sockets: _)): .asked(count: count)
        case (.numbers, .acknowledged(let arguments?, by: _)): .acknowledged(first(of: arguments))
        case (.numbers, .acknowledged(nil, by: _)): nil
        }
    }

    private func first(of arguments: EventArguments) -> EventArguments {
        EventArguments(Array(arguments.values.prefix(1)))
    }
}
