internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// How a packet is sent.
struct EmitOptions: OptionSet, Sendable {
    let rawValue: UInt8

    /// Drop the packet for a client that cannot take it now.
    static let volatile = EmitOptions(rawValue: 1 << 0)
    /// Do not leave this node.
    static let local = EmitOptions(rawValue: 1 << 1)
}

/// Which sockets of a namespace are meant.
struct BroadcastSelection: Sendable {
    /// Members of any of these; all sockets if there are none.
    var rooms: [Room] = []
    /// But not members of any of these.
    var except: [Room] = []
    /// Nor this one: the sender of `socket.to`.
    var exceptSocket: SocketID?
}

/// What crosses loops, and will cross nodes.
enum NamespaceCommand: Sendable {
    case broadcast(EncodedPacket, BroadcastSelection, EmitOptions)
    case broadcastWithAck(EncodedPacket, id: UInt64, BroadcastSelection, BroadcastAcks)
    case join([Room], BroadcastSelection)
    case leave([Room], BroadcastSelection)
    case disconnect(BroadcastSelection, closesConnection: Bool)
}

/// A command for one loop's part of a namespace.
struct NamespaceMessage: LoopMessage {
    let shard: LoopBound<SocketShard>
    let ordinal: Int
    let command: NamespaceCommand

    func deliver(on loop: EventLoop) {
        if let namespace = shard.value.existing(ordinal) {
            namespace.perform(command)
        } else if case .broadcastWithAck(_, _, _, let acks) = command {
            acks.loopSent(to: [])
        }
    }
}
