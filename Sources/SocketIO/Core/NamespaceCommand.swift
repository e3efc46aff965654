internal import EngineIO
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
    /// Do not keep the packet for clients that come back.
    static let passing = EmitOptions(rawValue: 1 << 2)
    /// Of what is volatile, keep the newest of its name until the client can take it.
    static let latest = EmitOptions(rawValue: 1 << 3)
    /// Do not compress the packet.
    static let uncompressed = EmitOptions(rawValue: 1 << 4)
}

/// Which sockets of a namespace are meant.
struct BroadcastSelection: Sendable {
    /// Members of any of these; all sockets if there are none.
    var rooms: [Room] = []
    /// But not members of any of these.
    var except: [Room] = []
    /// Nor this one: the sender of `socket.to`.
    var exceptSocket: SocketID?

    /// What it holds in memory.
    var byteCount: Int {
        (rooms + except).reduce(0) { $0 + $1.description.utf8.count + MemoryLayout<Room>.stride }
    }
}

/// What is asked of a namespace's sockets, wherever they are. Data and nothing else: it could cross nodes.
enum NamespaceCommand: Sendable {
    case broadcast(EncodedPacket, BroadcastSelection, EmitOptions)
    case join([Room], BroadcastSelection)
    case leave([Room], BroadcastSelection)
    case disconnect(BroadcastSelection, closesConnection: Bool)

    var selection: BroadcastSelection {
        switch self {
        case .broadcast(_, let selection, _), .join(_, let selection), .leave(_, let selection),
            .disconnect(let selection, closesConnection: _):
            selection
        }
    }
}

/// What crosses loops and nothing more: it may hold references.
enum LoopCommand: Sendable {
    /// - Parameter number: What all loops know a broadcast by; nil unless they keep it for clients that come back.
    case perform(NamespaceCommand, number: UInt64? = nil)
    /// A broadcast whose acknowledgements somebody waits for.
    case request(EncodedPacket, BroadcastSelection, EmitOptions, BroadcastAcks)
    /// Such a broadcast could not be sent: whoever should have got it is missing.
    case miss(BroadcastSelection, BroadcastAcks)
    /// Somebody asks who they are.
    case find(BroadcastSelection, SocketSearch)
    /// The namespace has ended.
    case end
}

/// A command for one loop's part of a namespace.
struct NamespaceMessage: LoopMessage {
    let shard: LoopBound<ServerShard>
    /// The namespace's number.
    let number: Int
    let command: LoopCommand
    /// Where it counts as a guest's until it is delivered.
    let guests: OwnRoomGuests?
    /// Whether another node asks for it. What this one asks for is taken in any case, if it is no event.
    let isFromNode: Bool

    /// What waits for a loop that does not get to it. The packet counts for each loop, although they share it.
    var byteCount: Int {
        switch command {
        case .perform(.broadcast(let packet, let selection, _), number: _), .request(let packet, let selection, _, _):
            packet.byteCount + (selection.rooms.isEmpty && selection.except.isEmpty ? 0 : selection.byteCount)
        case .perform(.join(let rooms, let selection), number: _),
            .perform(.leave(let rooms, let selection), number: _):
            isFromNode ? 128 + BroadcastSelection(rooms: rooms).byteCount + selection.byteCount : 0
        case .perform(.disconnect(let selection, closesConnection: _), number: _):
            isFromNode ? 128 + selection.byteCount : 0
        case .miss, .find, .end:
            0
        }
    }

    func deliver(on loop: EventLoop) {
        if let namespace = shard.value.existing(number) {
            namespace.perform(command)
        } else {
            abandon()
        }
        guests?.add(-1)
    }

    /// Nobody of the selection is on the loop.
    private func abandon() {
        switch command {
        case .request(_, _, _, let acks), .miss(_, let acks): _ = acks.sent(to: [])
        case .find(_, let search): search.found([])
        case .perform, .end: break
        }
    }

    /// The loop takes no more: whom it has is not known, and not waited for.
    func refuse() {
        guests?.add(-1)
        switch command {
        case .request(_, _, _, let acks), .miss(_, let acks): acks.refuse()
        case .find(_, let search): search.refuse()
        case .perform, .end: break
        }
    }
}
