internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A client that wants to come back to what an adapter keeps: its CONNECT waits for that. Lives on the loop that it came to.
final class KeptWait: PendingNamespace, TimerTarget {
    private enum State {
        case waiting
        /// The client has what it gets.
        case decided
        /// It is gone. The wait counts as a namespace of the session until the adapter has answered.
        case abandoned
    }

    private let namespace: Namespace
    private let sockets: SessionSockets
    private var auth: [UInt8]
    private let claim: RecoveryClaim
    private var state = State.waiting
    private var timer: TimerID?

    /// An adapter that has not said anything by then has lost its way.
    private static let patience = Duration.seconds(5)

    init(_ sockets: SessionSockets, for namespace: Namespace, auth: [UInt8], _ claim: RecoveryClaim) {
        self.sockets = sockets
        self.namespace = namespace
        self.auth = auth
        self.claim = claim
    }

    var name: [UInt8] { Array(namespace.name.utf8) }
    private var loop: EventLoop { sockets.session.loop }

    func begin() {
        timer = loop.schedule(self, at: loop.now.advanced(by: Self.patience))
        // What is handed in meanwhile needs the namespace's part of this loop.
        _ = sockets.shard.shard(of: namespace)
        namespace.guests.add(1)
        let bound = LoopBound(self, on: loop)
        namespace.cluster.take(claim.pid, after: claim.place) { kept in
            bound.loop.post(KeptAnswer(wait: bound, kept: kept))
        }
    }

    fileprivate func hear(_ kept: KeptReturn?) {
        namespace.guests.add(-1)
        switch state {
        case .waiting: finish(kept)
        case .decided: putBack(kept)
        case .abandoned:
            putBack(kept)
            sockets.abandonedEnded()
        }
    }

    /// Who asked is gone, or has not waited, and may come back once more.
    private func putBack(_ kept: KeptReturn?) {
        guard let kept, let recovery = sockets.shard.recovery else { return }
        namespace.cluster.keep(kept.session, for: recovery.settings.maxDisconnection)
    }

    private func finish(_ kept: KeptReturn?) {
        guard sockets.decisions?.end(self) == true else { return }
        let auth = auth
        end(.decided)
        if let kept, let recovery = sockets.shard.recovery {
            sockets.recover(kept, recovery, in: namespace, auth: auth)
        } else {
            sockets.join(namespace, auth: auth)
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

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        finish(nil)
    }
}

private struct KeptAnswer: LoopMessage {
    let wait: LoopBound<KeptWait>
    let kept: KeptReturn?

    func deliver(on loop: EventLoop) {
        wait.value.hear(kept)
    }
}
