internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// A client that wants to come back to what another loop may keep: its CONNECT waits for what the loops say. Lives on the
/// loop that it came to.
final class RecoveryWait: PendingNamespace {
    private enum State {
        case waiting
        /// The client has what it gets.
        case decided
        /// It is gone. The wait counts as a namespace of the session until all loops have answered.
        case abandoned
    }

    let namespace: Namespace
    private let sockets: SessionSockets
    private let recovery: RecoveryShard
    private var auth: [UInt8]
    private let claim: RecoveryClaim
    /// Where the log of this loop was before the others were asked, and which event was the latest that was on its way.
    private let start: Int
    private var startNumber: UInt64 = 0
    private var state = State.waiting
    private var loopsLeft: Int
    private var timer: TimerID?

    /// A loop that has not said anything by then is too busy to keep somebody waiting.
    private static let patience = Duration.seconds(2)

    init(
        _ sockets: SessionSockets, _ recovery: RecoveryShard, for namespace: Namespace, auth: [UInt8],
        _ claim: RecoveryClaim, loops: Int
    ) {
        self.sockets = sockets
        self.recovery = recovery
        self.namespace = namespace
        self.auth = auth
        self.claim = claim
        start = recovery.position
        loopsLeft = loops
    }

    var name: [UInt8] { Array(namespace.name.utf8) }
    private var loop: EventLoop { sockets.session.loop }

    /// Asks all other loops. What they send to the client's rooms from then on comes here, too.
    func begin(_ shards: [LoopBound<ServerShard>]) {
        timer = loop.schedule(self, at: loop.now.advanced(by: Self.patience))
        recovery.enter()
        // A loop keeps nothing for a namespace of which it has no part.
        _ = sockets.shard.shard(of: namespace)
        namespace.guests.add(1)
        let bound = LoopBound(self, on: loop)
        startNumber = namespace.inOrder {
            for shard in shards {
                shard.loop.post(
                    RecoveryRequest(shard: shard, namespace: namespace.number, claim: claim, wait: bound))
            }
        }
    }

    /// A loop has looked.
    fileprivate func hear(_ found: RecoveryRequest.Found?) {
        loopsLeft -= 1
        let session = found.flatMap {
            recovery.adopt($0.session, missed: $0.missed, since: start, after: startNumber)
        }
        switch state {
        case .waiting: if session != nil || loopsLeft == 0 { finish(session) }
        // Who asked is gone, or has not waited, and may come back once more.
        case .decided, .abandoned: if let session { recovery.keep(session) }
        }
        guard loopsLeft == 0 else { return }
        namespace.guests.add(-1)
        recovery.leave()
        switch state {
        case .abandoned: sockets.abandonedEnded()
        case .waiting, .decided: break
        }
    }

    private func finish(_ session: RecoverySession?) {
        guard sockets.decisions?.end(self) == true else { return }
        let auth = auth
        end(.decided)
        // An earlier wait of the same client may have brought it here.
        if let session = session ?? recovery.take(claim, in: namespace.number) {
            sockets.recover(session, in: namespace, auth: auth)
        } else {
            sockets.join(namespace, auth: auth, knownOffset: claim.offset)
        }
        sockets.leaveMainAlone()
    }

    private func end(_ state: State) {
        self.state = state
        auth = []
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    func abandon() {
        end(.abandoned)
        sockets.abandonedGoesOn()
        namespace.context.leave(namespace)
    }
}

extension RecoveryWait: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        finish(nil)
    }
}

/// Asks one loop for a session.
private struct RecoveryRequest: LoopMessage {
    struct Found: Sendable {
        let session: RecoverySession
        let missed: [MissedPacket]
    }

    let shard: LoopBound<ServerShard>
    /// The namespace's number.
    let namespace: Int
    let claim: RecoveryClaim
    let wait: LoopBound<RecoveryWait>

    func deliver(on loop: EventLoop) {
        var found: Found?
        if let recovery = shard.value.recovery, let session = recovery.take(claim, in: namespace) {
            found = Found(session: session, missed: recovery.missed(by: session))
            recovery.letGo(session)
        }
        wait.loop.post(RecoveryReply(wait: wait, found: found))
    }
}

private struct RecoveryReply: LoopMessage {
    let wait: LoopBound<RecoveryWait>
    let found: RecoveryRequest.Found?

    func deliver(on loop: EventLoop) {
        wait.value.hear(found)
    }
}
