internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

// Clients that come back.

extension SessionSockets {
    /// A client enters `namespace`, maybe to go on with what it had.
    func begin(in namespace: Namespace, auth: [UInt8]) {
        // A client of Socket.IO 2 has no `pid`: what its query calls so is the application's (Protocol.md 9.6).
        guard !isOfVersion2, let recovery = shard.recovery, let claim = RecoveryClaim(auth) else {
            return join(namespace, auth: auth)
        }
        if recovery.isAcrossNodes { return beginKept(in: namespace, auth: auth, claim) }
        if let session = recovery.take(claim, in: namespace.number) {
            return recover(session, in: namespace, auth: auth)
        }
        let others = shard.context.shards.filter { $0.loop !== session.loop }
        guard !others.isEmpty else { return join(namespace, auth: auth, knownOffset: claim.offset) }
        let wait = RecoveryWait(self, recovery, for: namespace, auth: auth, claim, loops: others.count)
        madeDecisions.append(wait)
        wait.begin(others)
    }

    /// A socket goes on with what `session`, which is held, has.
    func recover(_ session: RecoverySession, in namespace: Namespace, auth: [UInt8]) {
        let state = SocketRecovery.State(
            pid: session.pid, isRecovered: true, knownOffset: session.knownOffset, position: session.position)
        let socket = enter(namespace, id: session.id, auth: auth, recovery: SocketRecovery(state))
        let core = SocketCore(socket)
        core.madeExtras().restoring = session
        shard.recovery?.enter()
        core.noteKept(at: session.position)
        socket.madeShared.values.withLock { $0 = session.values }
        if shard.recovery?.settings.skipMiddlewares == true { core.connect() } else { core.admit() }
    }
}
