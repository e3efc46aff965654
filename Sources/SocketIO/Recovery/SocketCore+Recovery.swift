internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

extension SocketCore {
    private var ticket: SocketRecovery? { socket.shared.load()?.recovery }

    /// Whether what the socket was to go on with has gone while the middlewares decided.
    func hasLostReturn(in recovery: RecoveryShard) -> Bool {
        if recovery.isAcrossNodes { return recovery.places.hasLost(socket) }
        return extras?.restoring.map { !recovery.isComplete(for: $0) } ?? false
    }

    /// Another socket takes the place of this one, for which the middlewares decide once more: what they were shown, and have
    /// made of it, is no part of a new beginning.
    func beginAnew() {
        guard let others else { preconditionFailure("a socket that is being admitted is not alone with its session") }
        let shared = socket.shared.load()
        let context = shard.server.context
        // For the other one: `others` stays what the session has, and the namespace, if it was made for its clients, there.
        others.abandonedGoesOn()
        context.stay(in: shard.namespace)
        leaveUnconnected { others.remove(socket) }
        // Who was told of that may have ended the session.
        if session.isOpen {
            others.join(
                shard.namespace, auth: shared?.auth ?? [],
                knownOffset: shared?.recovery?.state.withLock { $0.knownOffset })
        } else {
            context.leave(shard.namespace)
        }
        others.abandonedEnded()
    }

    /// The socket is connected: it goes on where it was, if it has been away. What it has missed is sent before it hears that
    /// it is connected, as the official server does.
    ///
    /// - Returns: The rooms that it is in again, to be told once it has heard that.
    func beginRecovery(in recovery: RecoveryShard) -> [RoomChange] {
        if recovery.isAcrossNodes { return beginKept(in: recovery) }
        guard let session = extras?.restoring else {
            recovery.enter()
            ticket?.state.withLock { $0.position = recovery.position }
            noteKept(at: recovery.position)
            return []
        }
        extras?.restoring = nil
        if recovery.isAbroad(id) { shard.namespace.guests.add(1) }
        setInOwnRoom(session.isInOwnRoom)
        let entered = enter(Array(session.rooms))
        for missed in recovery.missed(by: session) {
            let packet = EncodedPacket(text: recovery.text(of: missed), attachments: missed.packet.attachments)
            // Not compressed: it may be one that must not be.
            sending(.uncompressed) { send(packet, []) }
            noteKept(at: missed.position)
        }
        // By now the socket itself has what the session had.
        recovery.letGo(session)
        return entered
    }

    /// An event that is kept has been sent to the socket.
    func noteKept(at position: Int) {
        ticket?.latest.store(position, ordering: .relaxed)
    }

    /// The socket is about to leave its rooms: if its client can come back, it is to find them.
    func endRecovery(in recovery: RecoveryShard, because reason: DisconnectReason) {
        if recovery.isAcrossNodes { return endKept(in: recovery, because: reason) }
        if reason.isRecoverable, let ticket {
            let state = ticket.state.withLock { $0 }
            let session = RecoverySession(
                id: id, pid: state.pid, namespace: shard.namespace,
                rooms: Set(socket.shared.load()?.memberships.withLock { $0.names } ?? []), isInOwnRoom: isInOwnRoom,
                values: socket.shared.load()?.values.withLock { $0 } ?? [:], knownOffset: state.knownOffset,
                position: state.position, latest: ticket.latest.load(ordering: .relaxed), end: recovery.position,
                deadline: loop.now.advanced(by: recovery.settings.maxDisconnection.bounded))
            recovery.hold(session)
            recovery.keep(session)
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(-1) }
        recovery.leave()
    }

    /// A socket that was to go on does not: its client has left again before the middlewares had decided, or was refused.
    ///
    /// - Parameter reason: Nil for a refusal.
    func endRestoring(because reason: DisconnectReason?) {
        guard let recovery = shard.server.recovery else { return }
        if recovery.isAcrossNodes { return endKeptRestoring(in: recovery, because: reason) }
        guard let session = extras?.restoring else { return }
        extras?.restoring = nil
        if let reason, reason.isRecoverable { recovery.keep(session) } else { recovery.letGo(session) }
        recovery.leave()
    }

    /// Sends an event to this socket alone, which is kept for it.
    ///
    /// - Returns: False if it comes back from an adapter before it is sent.
    func sendOwn(_ packet: EncodedPacket, _ options: EmitOptions) -> Bool {
        guard let recovery = shard.server.recovery, packet.isEvent else {
            send(packet, options)
            return true
        }
        if recovery.isAcrossNodes { return sendOwnKept(packet, options, in: recovery) }
        switch phase {
        case .connecting:
            send(EncodedPacket(text: recovery.textOfKeptNot(packet), attachments: packet.attachments), options)
        case .connected, .disconnecting:
            let kept = keep(packet, options, in: recovery)
            send(EncodedPacket(text: kept.text, attachments: packet.attachments), options)
            if let position = kept.position { noteKept(at: position) }
        case .disconnected:
            // For whoever comes back; if it is there again already, or will not be, this socket is nobody's.
            guard let pid = ticket?.state.withLock({ $0.pid }), recovery.isAway(pid) else { break }
            _ = keep(packet, options, in: recovery)
        }
        return true
    }

    private func keep(
        _ packet: EncodedPacket, _ options: EmitOptions, in recovery: RecoveryShard
    ) -> (text: [UInt8], position: Int?) {
        let audience = RecoveryAudience(namespace: shard.namespace.number, target: .socket(id))
        return recovery.keep(packet, options, for: audience, number: nil)
    }
}

extension DisconnectReason {
    /// Whether the client may come back to what it had: neither side has ended it on purpose.
    var isRecoverable: Bool {
        switch self {
        case .transportClose, .transportError, .slowConsumer, .pingTimeout, .forcedClose, .serverShuttingDown: true
        case .parseError, .clientNamespaceDisconnect, .serverNamespaceDisconnect: false
        }
    }
}
