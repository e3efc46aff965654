/// The connections of an event loop to other nodes: how many there are to each, and which of them wait for a request.
package struct NodePool<Connection: AnyObject> {
    package typealias Instant = CompactInstant

    package enum Place {
        /// This one was kept.
        case kept(Connection)
        /// One more may be made; `remove` says when it is no more.
        case new
        /// There are as many as there may be.
        case full
    }

    private struct Node {
        /// Those that are kept included.
        var count = 0
        /// The one that was used last is the last.
        var kept: [(connection: Connection, until: Instant)] = []
    }

    /// How long one is kept: less than a node keeps one (`keepAliveTime`), so that no request meets its end.
    package static var keepTime: Duration { .seconds(30) }
    /// How many are kept for each node.
    package static var keptLimit: Int { 64 }

    private var nodes: [NodeTag: Node] = [:]
    private let limit: Int
    private let keepTime: Duration

    /// - Parameters:
    ///   - limit: To one node.
    ///   - keepAliveTime: How long the nodes keep a connection.
    package init(limit: Int, keepAliveTime: Duration) {
        self.limit = limit
        keepTime = min(Self.keepTime, keepAliveTime / 2)
    }

    package func count(to node: NodeTag) -> Int { nodes[node]?.count ?? 0 }

    /// When the first of those that are kept goes.
    package var deadline: Instant? { nodes.values.compactMap { $0.kept.first?.until }.min() }

    /// Where a request to `node` goes.
    package mutating func take(to node: NodeTag) -> Place {
        if let kept = nodes[node]?.kept.popLast() { return .kept(kept.connection) }
        guard count(to: node) < limit else { return .full }
        nodes[node, default: Node()].count += 1
        return .new
    }

    /// A connection has nothing to do. Whether it waits for the next request; if not, it is counted no more.
    package mutating func keep(_ connection: Connection, to node: NodeTag, now: Instant) -> Bool {
        guard let known = nodes[node], known.kept.count < Self.keptLimit else {
            remove(to: node)
            return false
        }
        nodes[node]?.kept.append((connection, now.advanced(by: keepTime)))
        return true
    }

    /// A connection that was taken is gone.
    package mutating func remove(to node: NodeTag) {
        guard let count = nodes[node]?.count else { return }
        nodes[node]?.count = count - 1
        if count == 1 { nodes[node] = nil }
    }

    /// A connection that was kept is gone. False if it was not kept.
    @discardableResult
    package mutating func removeKept(_ connection: Connection, to node: NodeTag) -> Bool {
        guard let index = nodes[node]?.kept.firstIndex(where: { $0.connection === connection }) else { return false }
        nodes[node]?.kept.remove(at: index)
        remove(to: node)
        return true
    }

    /// Those whose time is over, which are kept no more.
    package mutating func expire(now: Instant) -> [Connection] {
        var expired: [Connection] = []
        for (node, entry) in nodes {
            let old = entry.kept.prefix { $0.until <= now }.map(\.connection)
            guard !old.isEmpty else { continue }
            expired += old
            nodes[node]?.kept.removeFirst(old.count)
            for _ in old { remove(to: node) }
        }
        return expired
    }
}
