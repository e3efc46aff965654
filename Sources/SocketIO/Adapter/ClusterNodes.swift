internal import SocketIOWire

/// What a node calls itself between nodes: new with each process, in whatever form the adapter has. Compared by its bytes.
public struct NodeID: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// As it is written between nodes.
    public let description: String

    /// The id of that text.
    public init(_ id: String) {
        description = id
    }

    /// The id of that text.
    public init(stringLiteral id: String) {
        description = id
    }

    public static func == (left: NodeID, right: NodeID) -> Bool {
        left.description.hasSameBytes(as: right.description)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(ByteName(description)) }
}

/// The other nodes that there are: how many, and which, where an adapter can tell.
public struct ClusterNodes: Equatable, Sendable {
    /// How many, without the one that asks.
    public let count: Int
    /// Which; nil if only their number is known, as with the subscribers of a channel.
    public let ids: Set<NodeID>?

    /// So many; not known which.
    public init(count: Int) {
        self.count = min(max(count, 0), Int(UInt32.max))
        ids = nil
    }

    /// These.
    public init(_ ids: Set<NodeID>) {
        count = ids.count
        self.ids = ids
    }
}
