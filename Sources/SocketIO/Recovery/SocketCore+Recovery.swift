internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

extension SocketCore {
    private var ticket: SocketRecovery? { socket.shared.load()?.recovery }

    /// The socket is connected: it goes on where it was, if it has been away. What it has missed is sent before it hears that
    /// it is connected, as the official server does.
    ///
    /// - Returns: False if what it has missed is not there any more, since the middlewares took so long.
    func beginRecovery(in recovery: RecoveryShard) -> Bool {
        guard let session = extras?.restoring else {
            recovery.enter()
            ticket?.position.store(recovery.position, ordering: .relaxed)
            return true
        }
        extras?.restoring = nil
        if recovery.isAbroad(id) { shard.namespace.guests.add(1) }
        setInOwnRoom(session.isInOwnRoom)
        joinNow(session.rooms)
        for missed in recovery.missed(by: session) {
            let text = missed.packet.text(adding: missed.offset)
            send(EncodedPacket(text: text, attachments: missed.packet.attachments), [])
        }
        return recovery.isComplete(for: session)
    }

    /// The socket is about to leave its rooms: if its client can come back, it is to find them.
    func endRecovery(in recovery: RecoveryShard, because reason: DisconnectReason) {
        if reason.isRecoverable, let ticket {
            recovery.keep(
                RecoverySession(
                    id: id, pid: ticket.pid, namespace: shard.namespace,
                    rooms: socket.shared.load()?.memberships.withLock { $0.names } ?? [], isInOwnRoom: isInOwnRoom,
                    values: socket.shared.load()?.values.withLock { $0 } ?? [:], knownOffset: ticket.knownOffset,
                    position: ticket.position.load(ordering: .relaxed),
                    deadline: loop.now.advanced(by: recovery.settings.maxDisconnection.bounded)))
        }
        if recovery.isAbroad(id) { shard.namespace.guests.add(-1) }
        recovery.leave()
    }

    /// A socket that was to go on does not: its client has left again before the middlewares had decided, or was refused.
    ///
    /// - Parameter reason: Nil for a refusal.
    func endRestoring(because reason: DisconnectReason?) {
        guard let session = extras?.restoring, let recovery = shard.server.recovery else { return }
        if let reason, reason.isRecoverable { recovery.keep(session) }
        recovery.leave()
    }

    /// Sends an event to this socket alone, which is kept for it.
    func sendOwn(_ packet: EncodedPacket, _ options: EmitOptions) {
        guard let recovery = shard.server.recovery else {
            return send(packet, options)
        }
        send(EncodedPacket(text: text(of: packet, options, recovery), attachments: packet.attachments), options)
    }

    private func text(of packet: EncodedPacket, _ options: EmitOptions, _ recovery: RecoveryShard) -> [UInt8] {
        guard packet.isEvent else { return packet.text }
        switch phase {
        case .connecting:
            return recovery.textOfKeptNot(packet)
        case .connected, .disconnecting, .disconnected:
            let audience = RecoveryAudience(namespace: shard.namespace.number, target: .socket(id))
            return recovery.text(of: packet, options, to: audience, number: nil)
        }
    }
}

extension DisconnectReason {
    /// Whether the client may come back to what it had: neither side has ended it on purpose.
    var isRecoverable: Bool {
        switch self {
        case .transportClose, .transportError, .pingTimeout, .forcedClose, .serverShuttingDown: true
        case .parseError, .clientNamespaceDisconnect, .serverNamespaceDisconnect: false
        }
    }
}
