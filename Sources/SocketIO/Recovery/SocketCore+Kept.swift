internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

// Clients that come back to any node, where an adapter keeps what is sent.

extension SocketCore {
    private var ticket: SocketRecovery? { socket.shared.load()?.recovery }

    /// The socket is connected: as `beginRecovery`.
    func beginKept(in recovery: RecoveryShard) -> [RoomChange] {
        guard let (kept, isComplete) = recovery.places.end(socket) else {
            recovery.enter()
            setStart(recovery.places.last)
            return []
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(1) }
        guard isComplete else {
            ticket?.state.withLock { $0 = SocketRecovery.State(pid: recovery.makePID()) }
            socket.data = SocketData()
            setStart(recovery.places.last)
            return []
        }
        let rooms = kept.session.rooms
        setInOwnRoom(rooms.contains(Room(id)))
        let entered = enter(rooms.filter { SocketID(ownerOf: $0) != id })
        for missed in kept.missed {
            let packet = missed.event.packet(in: shard.namespace, id: nil)
            send(
                EncodedPacket(text: packet.text(adding: missed.place.description), attachments: packet.attachments), [])
        }
        setStart(max(kept.position, kept.missed.last?.place ?? .zero))
        return entered
    }

    private func setStart(_ place: RedisStreamID) {
        ticket?.state.withLock { $0.start = place }
    }

    /// Whether the socket has had, or was not to get, what stands there.
    func hasHad(_ place: RedisStreamID) -> Bool {
        ticket?.state.withLock { place <= $0.start } ?? false
    }

    /// The socket is about to leave its rooms: as `endRecovery`.
    func endKept(in recovery: RecoveryShard, because reason: DisconnectReason) {
        if reason.isRecoverable, let ticket {
            let state = ticket.state.withLock { $0 }
            var rooms = Set(socket.shared.load()?.memberships.withLock { $0.names } ?? [])
            if isInOwnRoom { rooms.insert(Room(id)) }
            let session = KeptSession(
                id: id, pid: state.pid, rooms: rooms, data: socket.data.members, start: state.start)
            shard.namespace.cluster.keep(session, for: recovery.settings.maxDisconnection)
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(-1) }
        recovery.leave()
    }

    /// A socket that was to go on does not.
    ///
    /// - Parameter reason: Nil for a refusal.
    func endKeptRestoring(in recovery: RecoveryShard, because reason: DisconnectReason?) {
        guard let (kept, _) = recovery.places.end(socket) else { return }
        if let reason, reason.isRecoverable {
            shard.namespace.cluster.keep(kept.session, for: recovery.settings.maxDisconnection)
        }
        recovery.leave()
    }

    /// Has an event for this socket alone kept; it comes back, and is sent then.
    ///
    /// - Returns: False if it is to be sent as it is.
    func publishOwn(_ packet: EncodedPacket, _ options: EmitOptions) -> Bool {
        guard options.isEmpty, isConnected, isInOwnRoom, let event = ClusterEvent(packet) else { return false }
        return shard.namespace.cluster.publish(.broadcast(event, ClusterAudience(rooms: [Room(id)])))
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
        let socket = enter(namespace, id: kept.session.id, auth: auth, recovery: SocketRecovery(state))
        recovery.enter()
        recovery.places.begin(socket, with: kept, in: namespace)
        socket.data = SocketData(members: kept.session.data)
        let core = SocketCore(socket)
        if recovery.settings.skipMiddlewares, kept.isTrusted { core.connect() } else { core.admit() }
    }
}

extension RecoveryClaim {
    /// What the client shows, as a place in what an adapter keeps.
    var place: RedisStreamID? { offset.flatMap(RedisStreamID.init(_:)) }
}
