internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A client that wants to come back to what an adapter keeps: its CONNECT waits for that. Lives on the loop that it came to.
final class KeptWait: PendingNamespace, TimerTarget {
    private enum State {
        case waiting
        /// Nothing was found, and is asked for once more a little later: the node that had the client may be about to keep it.
        case pausing
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
    private var hasPaused = false

    /// An adapter that has not said anything by then has lost its way.
    private static let patience = Duration.seconds(5)
    private static let pause = Duration.milliseconds(250)

    init(_ sockets: SessionSockets, for namespace: Namespace, auth: [UInt8], _ claim: RecoveryClaim) {
        self.sockets = sockets
        self.namespace = namespace
        self.auth = auth
        self.claim = claim
    }

    var name: [UInt8] { Array(namespace.name.utf8) }
    private var loop: EventLoop { sockets.session.loop }

    func begin() {
        // What is handed in meanwhile needs the namespace's part of this loop.
        _ = sockets.shard.shard(of: namespace)
        namespace.guests.add(1)
        ask()
    }

    private func ask() {
        state = .waiting
        timer = loop.schedule(self, at: loop.now.advanced(by: Self.patience))
        let bound = LoopBound(self, on: loop)
        namespace.cluster.take(claim.pid, after: claim.place) { kept in
            bound.loop.post(KeptAnswer(wait: bound, kept: kept))
        }
    }

    fileprivate func hear(_ kept: KeptReturn?) {
        switch state {
        case .waiting where kept == nil && !hasPaused: return pause()
        case .waiting: finish(kept)
        case .decided, .pausing: putBack(kept)
        case .abandoned:
            putBack(kept)
            sockets.abandonedEnded()
        }
        namespace.guests.add(-1)
    }

    private func pause() {
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(self, at: loop.now.advanced(by: Self.pause))
        (state, hasPaused) = (.pausing, true)
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
        switch state {
        case .waiting:
            end(.abandoned)
            sockets.abandonedGoesOn()
        case .pausing:
            end(.decided)
            namespace.guests.add(-1)
        case .decided, .abandoned: preconditionFailure("it is abandoned while it is pending")
        }
        namespace.context.leave(namespace)
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .pausing: ask()
        case .waiting: finish(nil)
        case .decided, .abandoned: break
        }
    }
}

private struct KeptAnswer: LoopMessage {
    let wait: LoopBound<KeptWait>
    let kept: KeptReturn?

    func deliver(on loop: EventLoop) {
        wait.value.hear(kept)
    }
}
