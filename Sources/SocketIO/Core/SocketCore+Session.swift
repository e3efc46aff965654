internal import EngineIO
internal import SocketIOWire

extension SocketCore {
    /// The client has broken the protocol.
    func closeSession(because violation: ProtocolViolation) {
        shard.server.close(session, of: others?.sockets ?? [socket], because: violation)
    }

    /// Whether nothing is under way in the whole session.
    var isSessionSettled: Bool { others?.isSettled ?? isSettled }

    /// Whether no handler is under way, nothing waits for one, and the client owes no acknowledgement.
    var isSettled: Bool {
        guard phase != .connecting else { return false }
        guard handlersInFlight == 0 else { return false }
        return extras?.acks == nil && extras?.inbox == nil
    }

    func sessionUpgraded() {
        if let others { others.upgraded() } else { upgraded() }
    }

    func sessionClosed(_ reason: EngineCloseReason) {
        if let others {
            others.sessionClosed(reason)
        } else {
            end(because: DisconnectReason(reason))
        }
    }

    var madeOthers: SessionSockets { others ?? SessionSockets(of: socket) }
}
