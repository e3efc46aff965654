public import SocketIOEvents

/// What one node tells the others, in a namespace: all of Node's `ClusterAdapter`, but for who is there, which is the
/// adapter's own. Data and nothing else.
public enum ClusterMessage: Sendable {
    /// An event for sockets. With a request, their acknowledgements are asked for: first comes `ClusterResponse.asked`, then
    /// one `acknowledged` for each.
    case broadcast(ClusterEvent, ClusterAudience, ClusterFlags = ClusterFlags(), request: String? = nil)
    /// Sockets join rooms.
    case join([Room], ClusterAudience)
    /// Sockets leave rooms.
    case leave([Room], ClusterAudience)
    /// Sockets are disconnected.
    case disconnect(ClusterAudience, closingConnection: Bool)
    /// Which sockets there are is asked for: `ClusterResponse.sockets`.
    case fetchSockets(ClusterAudience, request: String)
    /// An event for the servers themselves; with a request, their `ClusterResponse.reply` is asked for.
    case serverSideEmit(ClusterEvent, request: String? = nil)
}

/// What is asked for by another node.
public struct ClusterRequest: Hashable, Sendable {
    /// As the node that asks has named it.
    public let id: String
    /// Who asks; nil if that is not known.
    public let node: NodeID?

    /// A request of that id.
    public init(id: String, from node: NodeID?) {
        self.id = id
        self.node = node
    }
}

/// An answer of one node to the one that asked.
public enum ClusterResponse: Sendable {
    /// To `fetchSockets`: those that are meant and live on the node.
    case sockets([ClusterSocket])
    /// To `serverSideEmit`: what its handler returned. Node has its first value only, and nothing for none.
    case reply(EventArguments)
    /// To `broadcast`: so many sockets of the node are asked for an acknowledgement. Which, if that can be told.
    case asked(count: Int, sockets: Set<SocketID>? = nil)
    /// Behind `asked`: one of them has acknowledged; nil if it will not. Who, if that can be told. Node has the first value
    /// only, says nothing of who it was, and nothing at all of those that will not.
    case acknowledged(EventArguments?, by: SocketID? = nil)
}

/// For which sockets of a namespace a message is.
public struct ClusterAudience: Equatable, Sendable {
    /// Members of any of these; all sockets if there are none.
    public var rooms: [Room]
    /// But not members of any of these: the sender of `socket.broadcast` is left out by the room of its id.
    public var except: [Room]

    /// By default all.
    public init(rooms: [Room] = [], except: [Room] = []) {
        self.rooms = rooms
        self.except = except
    }
}

/// How an event is to be sent: Node's `flags`, but for `local`, which never leaves a node.
public struct ClusterFlags: Equatable, Sendable {
    /// Dropped for clients that cannot take it.
    public var isVolatile: Bool
    /// Whether it may be compressed; nil where nothing is said.
    public var compress: Bool?
    /// How long acknowledgements are waited for.
    public var timeout: Duration?
    /// Whether one acknowledgement is all that is asked for: `RemoteSocket.emitWithAck`.
    public var expectsSingleResponse: Bool

    /// By default none is set.
    public init(
        isVolatile: Bool = false, compress: Bool? = nil, timeout: Duration? = nil, expectsSingleResponse: Bool = false
    ) {
        self.isVolatile = isVolatile
        self.compress = compress
        self.timeout = timeout
        self.expectsSingleResponse = expectsSingleResponse
    }
}

// Between what crosses loops and what crosses nodes.

extension BroadcastSelection {
    init(_ audience: ClusterAudience) {
        self.init(rooms: audience.rooms, except: audience.except)
    }

    var audience: ClusterAudience {
        ClusterAudience(rooms: rooms, except: except + (exceptSocket.map { [Room($0)] } ?? []))
    }
}

extension ClusterMessage {
    /// Whether an adapter that keeps what is sent keeps this: nothing that may be lost, and nothing that is answered.
    var isKept: Bool {
        switch self {
        case .broadcast(_, _, let flags, let request): !flags.isVolatile && request == nil
        case .join, .leave, .disconnect: true
        case .fetchSockets, .serverSideEmit: false
        }
    }

    /// A command for other nodes; nil if it cannot be read back, which no packet of ours is.
    init?(_ command: NamespaceCommand) {
        switch command {
        case .broadcast(let packet, let selection, let options):
            guard let event = ClusterEvent(packet) else { return nil }
            self = .broadcast(event, selection.audience, ClusterFlags(options))
        case .join(let rooms, let selection): self = .join(rooms, selection.audience)
        case .leave(let rooms, let selection): self = .leave(rooms, selection.audience)
        case .disconnect(let selection, let closesConnection):
            self = .disconnect(selection.audience, closingConnection: closesConnection)
        }
    }
}
