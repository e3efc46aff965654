internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A communication channel of its own over the shared connections: `io.namespace("/admin")`.
///
/// Lives as long as its server.
public final class Namespace: NamespaceRegistration, BroadcastEmitter {
    /// `/`, or `/` and a name.
    public let name: String

    /// Empty for the main namespace, as on the wire.
    let wireName: [UInt8]
    /// No other namespace of the server has it, nor will.
    let number: Int
    let role: Role
    let context: ServerContext
    let registered = RegisteredHandlers()
    private let lastAckID = Atomic<UInt64>(0)
    let guests = OwnRoomGuests()
    let roomWatch = RoomWatch()
    /// What it has for other nodes, where there are any.
    let cluster = NamespaceCluster()
    /// Of the latest broadcast, where loops keep what is sent.
    private let broadcastNumber = Mutex<UInt64>(0)
    private let ended = Atomic<Bool>(false)

    /// How it stands to others.
    enum Role: Sendable {
        case single
        /// Of these: what is registered or sent is for all of them. No client can ask for it.
        case template(NamespaceFamily)
        /// One of these, with what their template has.
        case member(NamespaceFamily)
    }

    init(name: String, number: Int, role: Role, context: ServerContext) {
        self.name = name
        self.number = number
        self.role = role
        self.context = context
        wireName = name == "/" ? [] : Array(name.utf8)
    }

    /// The namespaces that are meant: itself, unless it stands for others.
    var meant: [Namespace] {
        switch role {
        case .single, .member: [self]
        case .template(let family): family.members
        }
    }

    public var registrationNamespace: Namespace { self }
    public var broadcast: Broadcast { Broadcast(in: self) }

    /// Ids of acknowledgements are unique in the namespace, so that a broadcast with acknowledgement is encoded once.
    func nextAckID() -> UInt64 {
        lastAckID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    // MARK: Commands

    /// Carries out `command` wherever there are sockets of its selection.
    ///
    /// The only crossing: to loops from here, and to other nodes where there are any.
    ///
    /// - Parameter isLocal: Whether it stays on this node.
    func perform(_ command: NamespaceCommand, isLocal: Bool = false) {
        if case .template(let family) = role {
            for namespace in family.members { namespace.perform(command, isLocal: isLocal) }
            return
        }
        // First the others: what it does here may run code of the application, which must not overtake it.
        if !isLocal, context.isClustered, publish(command) { return }
        performHere(command)
    }

    /// - Returns: Whether it comes back, to be carried out here then.
    @inline(never)
    private func publish(_ command: NamespaceCommand) -> Bool {
        guard let message = ClusterMessage(command) else { return false }
        return cluster.publish(message)
    }

    /// Carries out `command` on this node.
    ///
    /// - Parameter isFromNode: Whether another node asks for it: all of that counts where it waits for a loop.
    func performHere(_ command: NamespaceCommand, isFromNode: Bool = false) {
        if case .broadcast = command, context.keepsOrder { return performInOrder(command) }
        let homes = homes(of: command.selection)
        guard case .join(let rooms, _) = command, OwnRoomGuests.isGuest(in: rooms) else {
            return post(.perform(command), to: homes, isFromNode: isFromNode)
        }
        guests.add(homes.count)
        post(.perform(command), to: homes, expecting: guests, isFromNode: isFromNode)
    }

    /// Where several loops keep what is sent, for clients that come back: they get it in one piece, so that one loop that
    /// asks another what it had can tell what it has itself from what it is still to get.
    private func performInOrder(_ command: NamespaceCommand) {
        var (own, refusing): ([LoopBound<ServerShard>], [EventLoop]) = ([], [])
        let number = broadcastNumber.withLock { number in
            number += 1
            for shard in homes(of: command.selection) {
                if shard.loop.isCurrent {
                    own.append(shard)
                } else if !shard.loop.post(message(.perform(command, number: number), for: shard)) {
                    refusing.append(shard.loop)
                }
            }
            return number
        }
        post(.perform(command, number: number), to: own)
        for loop in refusing { context.noteDrop(on: loop) }
    }

    /// Runs `body`, which posts to loops, with no broadcast on its way to some loops and not yet to others.
    ///
    /// - Returns: The number of the latest broadcast.
    func inOrder(_ body: () -> Void) -> UInt64 {
        broadcastNumber.withLock { number in
            body()
            return number
        }
    }

    private func message(
        _ command: LoopCommand, for shard: LoopBound<ServerShard>, expecting guests: OwnRoomGuests? = nil,
        isFromNode: Bool = false
    ) -> NamespaceMessage {
        NamespaceMessage(shard: shard, number: number, command: command, guests: guests, isFromNode: isFromNode)
    }

    /// Sends an event to the sockets of the selection, whose answers the result gathers.
    ///
    /// - Parameter packet: Nil for one that cannot be sent: nobody will answer.
    func ask(
        _ packet: EncodedPacket?, id: UInt64, _ selection: BroadcastSelection, _ options: EmitOptions
    ) -> BroadcastAcks {
        let homes = homes(of: selection)
        let acks = BroadcastAcks(id: id, loops: homes.map(\.loop))
        ask(packet.map { .request($0, selection, options, acks) } ?? .miss(selection, acks), packet, of: homes)
        return acks
    }

    /// The same for another node, which is told of the answers.
    func ask(
        _ packet: EncodedPacket, id: UInt64, _ selection: BroadcastSelection, _ options: EmitOptions,
        for request: ClusterRequest, _ permit: InquiryPermit, timeout: Duration
    ) {
        let homes = homes(of: selection)
        let node = NodeAcks(request, of: cluster, permit, loops: homes.count)
        let acks = BroadcastAcks(id: id, loops: homes.map(\.loop), for: node, timeout: timeout)
        post(.request(packet, selection, options, acks), to: homes)
    }

    /// Asks the loops for their sockets of the selection.
    func find(_ selection: BroadcastSelection) -> SocketSearch {
        let homes = homes(of: selection)
        let search = SocketSearch(on: homes.map(\.loop))
        ask(.find(selection, search), nil, of: homes)
        return search
    }

    /// Behind what has been sent before, which may be on its way by an adapter.
    private func ask(_ command: LoopCommand, _ packet: EncodedPacket?, of homes: [LoopBound<ServerShard>]) {
        if context.isClustered {
            let isLater = cluster.afterKept(packet?.byteCount ?? 0) { [self] in post(command, to: homes) }
            if isLater { return }
        }
        post(command, to: homes)
    }

    /// Whether nobody connects any more.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// Ends the namespace: its sockets are disconnected, and its name is free again. What is asked of it later has no
    /// effect.
    func end() {
        guard context.forget(self) else { return }
        forgotten()
    }

    /// The context has forgotten it.
    func forgotten() {
        // Before the middlewares go: who is still being asked does not pass without them.
        ended.store(true, ordering: .releasing)
        registered.forgetAll()
        cluster.leave()
        post(.end, to: context.shards)
    }

    /// At once on the caller's loop, if it is one of them.
    ///
    /// - Parameter guests: Who counts one for each message until it is delivered.
    private func post(
        _ command: LoopCommand, to shards: [LoopBound<ServerShard>], expecting guests: OwnRoomGuests? = nil,
        isFromNode: Bool = false
    ) {
        var refusing: [EventLoop] = []
        for shard in shards {
            let message = message(command, for: shard, expecting: guests, isFromNode: isFromNode)
            if shard.loop.isCurrent {
                message.deliver(on: shard.loop)
            } else if !shard.loop.post(message) {
                message.refuse()
                refusing.append(shard.loop)
            }
        }
        // Once all have it: a logger that emits must not overtake it.
        for loop in refusing { context.noteDrop(on: loop) }
    }

    // MARK: Own rooms

    /// The loops that can have sockets of the selection: the room of a socket's id is where the socket is, unless another
    /// has joined it.
    func homes(of selection: BroadcastSelection) -> [LoopBound<ServerShard>] {
        let shards = context.shards
        guard shards.count > 1, !selection.rooms.isEmpty, guests.isNone else { return shards }
        var isHome = [Bool](repeating: false, count: shards.count)
        for room in selection.rooms {
            guard SocketID(ownerOf: room) != nil else { return shards }
            isHome[EngineSessionID.homeLoop(of: room.description, count: shards.count)] = true
        }
        return shards.indices.filter { isHome[$0] }.map { shards[$0] }
    }
}
