internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// How many sessions a server has, all its loops together. Asked when one begins, joins and ends; no message comes by
/// here.
final class SessionRegistry: Sendable {
    private let admission: Mutex<SessionAdmission>
    private let countsNetworks: Bool

    init(_ limits: EngineIOServer.Limits) {
        var admitted = SessionAdmission.Limits()
        admitted.sessions = limits.sessions ?? limits.connections
        admitted.unjoined = limits.unjoinedSessions
        admitted.unjoinedBytes = limits.unjoinedBytes
        admitted.perNetwork = limits.sessionsPerAddress
        countsNetworks = limits.sessionsPerAddress != nil
        admission = Mutex(SessionAdmission(limits: admitted))
    }

    /// A polling session and what belongs to it, but for its handshake.
    private static var overhead: Int { 1024 }

    /// - Parameter joins: Whether there is something to join.
    func enter(_ id: CompactID, _ request: KeptRequest, joins: Bool) -> SessionAdmission.Decision {
        let network = PeerNetwork(of: request.address)
        return admission.withLock {
            $0.enter(id, from: network, holding: request.byteCount + Self.overhead, joins: joins)
        }
    }

    func join(_ id: CompactID) {
        admission.withLock { $0.join(id) }
    }

    func leave(_ id: CompactID, _ request: KeptRequest) {
        // Only who is counted by network needs it read again.
        let network = countsNetworks ? PeerNetwork(of: request.address) : PeerNetwork(of: "")
        admission.withLock { $0.leave(id, from: network) }
    }

    func isOutgoing(_ id: CompactID) -> Bool {
        admission.withLock { $0.isOutgoing(id) }
    }
}

/// Tells the loop of a session that it has lost its place.
struct SessionEnding: LoopMessage {
    let id: CompactID
    let shard: LoopBound<EngineShard>

    func deliver(on loop: EventLoop) {
        shard.value.endOutgoing(id)
    }
}
