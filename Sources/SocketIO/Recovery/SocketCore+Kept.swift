internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

// Clients that come back to any node, where an adapter keeps what is sent.

extension SocketCore {
    private var ticket: SocketRecovery? { socket.shared.load()?.recovery }
    private var progress: KeptProgress? { ticket?.progress?.value }

    /// The socket is connected: as `beginRecovery`.
    func beginKept(in recovery: RecoveryShard) -> [RoomChange] {
        guard let kept = recovery.places.end(socket) else {
            recovery.enter()
            progress?.begin(at: recovery.places.last)
            return []
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(1) }
        // By the end the socket counts itself.
        defer { shard.namespace.guests.add(-1) }
        let rooms = kept.session.rooms
        setInOwnRoom(rooms.contains(Room(id)))
        let entered = enter(rooms.filter { SocketID(ownerOf: $0) != id })
        for missed in kept.missed {
            let event = missed.event.packet(in: shard.namespace, id: nil)
            let packet = EncodedPacket(
                text: event.text(adding: missed.place.description), attachments: event.attachments)
            // Not compressed: it may be one that must not be.
            sending(.uncompressed) { send(packet, []) }
        }
        progress?.goOn(with: kept)
        return entered
    }

    /// An event that is kept has come, which is for this socket: false if it has had that, or is not to get it.
    func takesKept(_ place: RedisStreamID) -> Bool {
        guard isConnected else { return false }
        // A client of Socket.IO 2 cannot come back: it has had nothing in advance.
        guard let progress else { return true }
        return progress.take(place)
    }

    /// The socket is about to leave its rooms: as `endRecovery`.
    func endKept(in recovery: RecoveryShard, because reason: DisconnectReason) {
        if reason.isRecoverable, let ticket, let progress {
            var rooms = Set(socket.shared.load()?.memberships.withLock { $0.names } ?? [])
            if isInOwnRoom { rooms.insert(Room(id)) }
            progress.isAway = isInOwnRoom
            let session = KeptSession(
                id: id, pid: ticket.state.withLock { $0.pid }, rooms: rooms, data: socket.data.members,
                progress: progress.end(at: recovery.places.last))
            shard.namespace.cluster.keep(session, for: recovery.settings.maxDisconnection)
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(-1) }
        recovery.leave()
    }

    /// A socket that was to go on does not.
    ///
    /// - Parameter reason: Nil for a refusal.
    func endKeptRestoring(in recovery: RecoveryShard, because reason: DisconnectReason?) {
        guard let kept = recovery.places.end(socket) else { return }
        shard.namespace.guests.add(-1)
        if let reason, reason.isRecoverable {
            shard.namespace.cluster.keep(kept.session, for: recovery.settings.maxDisconnection)
        }
        recovery.leave()
    }

    // MARK: Sending

    /// Has an event for this socket alone kept, to be sent when it comes back from there; or sends it as it is.
    ///
    /// - Returns: Whether it has been sent.
    func sendOwnKept(_ packet: EncodedPacket, _ options: EmitOptions, in recovery: RecoveryShard) -> Bool {
        let isMeant = isConnected ? isInOwnRoom : progress?.isAway == true
        if options.isSubset(of: .uncompressed), isMeant, let event = ClusterEvent(packet),
            shard.namespace.cluster.publish(
                .broadcast(event, ClusterAudience(rooms: [Room(id)]), ClusterFlags(options)))
        {
            return false
        }
        send(passing(packet, in: recovery), options)
        return true
    }

    /// An event that is not kept, for this socket.
    func passing(_ packet: EncodedPacket, in recovery: RecoveryShard) -> EncodedPacket {
        guard packet.endsWithText else { return packet }
        let place = max(recovery.places.last, progress?.given ?? .zero)
        return EncodedPacket(text: packet.text(adding: place.description), attachments: packet.attachments)
    }
}

extension SessionSockets {
    /// A client enters `namespace`, and shows what it had.
    func beginKept(in namespace: Namespace, auth: [UInt8], _ claim: RecoveryClaim) {
        guard claim.offset == nil || claim.place != nil else { return join(namespace, auth: auth) }
        let wait = KeptWait(self, for: namespace, auth: auth, claim)
        madeDecisions.append(wait)
        wait.begin()
    }

    /// A socket goes on with what `kept` has.
    func recover(_ kept: KeptReturn, _ recovery: RecoveryShard, in namespace: Namespace, auth: [UInt8]) {
        let state = SocketRecovery.State(pid: kept.session.pid, isRecovered: true)
        let socket = enter(namespace, id: kept.session.id, auth: auth, recovery: recovery.makeTicket(state))
        recovery.enter()
        recovery.places.begin(socket, with: kept, in: namespace)
        // What goes to the room of its id is to come here while the middlewares decide.
        namespace.guests.add(1)
        socket.data = SocketData(members: kept.session.data)
        let core = SocketCore(socket)
        if recovery.settings.skipMiddlewares, kept.isTrusted { core.connect() } else { core.admit() }
    }
}

extension RecoveryClaim {
    /// What the client shows, as a place in what an adapter keeps.
    var place: RedisStreamID? { offset.flatMap(RedisStreamID.init(_:)) }
}
