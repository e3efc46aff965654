internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A client socket's state: one namespace of one manager. Lives on the manager's loop.
final class ClientSocketCore {
    private let home: LoopBound<ManagerCore>
    let loop: EventLoop
    let namespace: String
    /// Empty for the main namespace.
    let wireName: [UInt8]
    let configuration: ClientSocket.Configuration
    var link = NamespaceLink()
    /// The application's handle, kept while the socket is active.
    var handle: ClientSocket?
    var auth: ClientAuth
    /// Counts the CONNECTs, so that an `auth` that comes late is not sent for another one.
    var joinCount = 0
    var events = EventTable()
    var callbacks = SocketCallbacks()
    /// The tasks that wait for acknowledgements.
    var acks: Waiters<ClientAckContinuation>
    var offline: OfflineBuffer<OutgoingPacket>
    var retries: RetryQueue<OutgoingPacket>?
    var early: EarlyEvents
    /// The tasks that wait in `ClientSocket.connect`.
    private var waiters = Waiters<ConnectContinuation>()
    /// Set for the earliest deadline there was when it was set, and so to fire then or before anything is late.
    private var timer: (id: TimerID, at: ContinuousClock.Instant)?
    /// What the last attempt ended with, for those who wait.
    var lastError: ClientError?
    var isShutDown = false

    /// Any thread: only properties are set.
    init(
        manager: LoopBound<ManagerCore>, namespace: String, auth: ClientAuth, configuration: ClientSocket.Configuration
    ) {
        home = manager
        self.namespace = namespace
        self.configuration = configuration
        self.auth = auth
        loop = manager.loop
        wireName = namespace == "/" ? [] : Array(namespace.utf8)
        acks = Waiters(limit: configuration.limits.pendingAcks)
        let buffer = configuration.offlineBuffer
        offline = OfflineBuffer(
            maxCount: buffer.events, maxBytes: buffer.bytes, dropsOldest: buffer.whenFull == .dropOldest)
        let limits = configuration.limits
        early = EarlyEvents(maxCount: limits.earlyEvents, maxBytes: limits.earlyBytes)
        if configuration.retries > 0 {
            retries = RetryQueue(
                retries: configuration.retries, ackTimeout: configuration.ackTimeout, maxCount: buffer.events)
        }
    }

    var manager: ManagerCore { home.value }

    /// Begins to connect, and goes on until it is joined or it is clear that it will not be.
    func connect(_ socket: ClientSocket) {
        guard !isShutDown, !manager.isClosed else { return fail(.managerClosed) }
        guard !link.isWanted else { return }
        handle = socket
        lastError = nil
        link.want()
        socket.update { $0.isActive = true }
        manager.activate(self)
    }

    func wait(_ socket: ClientSocket, id: UInt64, _ continuation: ConnectContinuation, timeout: Duration?) {
        guard !link.isJoined else { return continuation.resume(returning: .success(())) }
        _ = waiters.add(id, continuation, until: timeout.map { loop.time.advanced(by: $0.bounded) })
        rearm()
        connect(socket)
    }

    /// The task of `connect` was cancelled.
    func cancelWait(_ id: UInt64) {
        guard let waiter = waiters.settle(id) else { return }
        giveUp([waiter], ClientError(.cancelled, "the task that waited for the connection was cancelled"))
    }

    private func expireWaiters(now: ContinuousClock.Instant) {
        let late = waiters.expire(now: now)
        guard !late.isEmpty else { return }
        giveUp(
            late.map(\.receiver),
            lastError ?? ClientError(.timedOut, "\(manager.hostField) did not accept \(namespace) in time"))
    }

    /// A `connect` that throws leaves nothing behind that still tries.
    private func giveUp(_ gone: [ConnectContinuation], _ error: ClientError) {
        if waiters.isEmpty, !link.isJoined { disconnect() }
        rearm()
        for waiter in gone { waiter.resume(returning: .failure(error)) }
    }

    func settleWaiters(_ result: Result<Void, ClientError>) {
        let settled = waiters.settleAll()
        rearm()
        for waiter in settled { waiter.resume(returning: result) }
    }

    /// The application leaves.
    func disconnect(because reason: ClientSocket.DisconnectReason = .clientDisconnect) {
        let wasJoined = link.isJoined
        if link.leave() { sendHead(.disconnect) }
        ended(wasJoined ? reason : nil)
        settleWaiters(.failure(ClientError(.closed, "\(namespace) was disconnected before it was connected")))
    }

    /// The end of what the socket was active for. It is not joined again before the application asks.
    func ended(_ reason: ClientSocket.DisconnectReason?) {
        let socket = handle
        dropConnection()
        manager.deactivate(self)
        handle = nil
        socket?.update { $0 = ClientSocket.Status() }
        if let reason, let socket { notify(callbacks.disconnect, reason, socket) }
    }

    /// What belonged to the connection that is gone.
    private func dropConnection() {
        joinCount += 1
        _ = early.takeAll()
        retries?.connectionClosed()
        // Nobody will answer what was sent over it.
        let unanswered = handle?.isConnected == true ? acks.settleAll { retries?.contains($0) == true } : []
        rearm()
        for waiter in unanswered { waiter.resume(returning: .failure(AckError(.disconnected))) }
    }

    /// The connection is gone; the manager makes another one if it may.
    func connectionClosed(because reason: ClientSocket.DisconnectReason) {
        let wasJoined = link.connectionClosed()
        dropConnection()
        guard wasJoined, let socket = handle else { return }
        socket.update { status in
            status = ClientSocket.Status()
            status.isActive = true
        }
        notify(callbacks.disconnect, reason, socket)
    }

    /// An attempt to connect failed; the manager tries again if it may.
    func attemptFailed(_ error: ClientError) {
        lastError = error
        if let socket = handle { notify(callbacks.connectError, error, socket) }
    }

    /// There will be no further attempt.
    func fail(_ error: ClientError) {
        _ = link.leave()
        ended(nil)
        settleWaiters(.failure(error))
    }

    /// The manager is closed for good: handlers often hold the socket they belong to.
    func shutDown() {
        if link.isWanted { disconnect(because: .forcedClose) }
        isShutDown = true
        let streams = callbacks.streams.values
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        let ended = (callbacks, events)
        defer { withExtendedLifetime(ended) {} }
        let unanswered = acks.settleAll()
        _ = offline.takeAll()
        callbacks = SocketCallbacks()
        events = EventTable()
        let lastAuth = auth
        auth = .none
        withExtendedLifetime(lastAuth) {}
        rearm()
        for waiter in unanswered { waiter.resume(returning: .failure(AckError(.disconnected))) }
        for finish in streams { finish() }
    }
}

// MARK: Time

extension ClientSocketCore: TimerTarget {
    private var deadline: ContinuousClock.Instant? {
        Self.earlier(Self.earlier(link.deadline, retries?.deadline), Self.earlier(acks.deadline, waiters.deadline))
    }

    private static func earlier(
        _ one: ContinuousClock.Instant?, _ other: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// To be called where a deadline was set or has gone.
    ///
    /// A timer that is set too early is left to find that out: most waits end before their time, and to set it anew for
    /// each would cost more. One for nothing is cancelled, because it keeps this socket.
    func rearm() {
        guard let deadline else { return stopTimer() }
        if let timer, timer.at <= deadline { return }
        stopTimer()
        timer = (loop.schedule(self, at: deadline), deadline)
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        if let deadline = link.deadline, now >= deadline { manager.namespaceTimedOut(self) }
        perform(retries?.handleTimeout(now: now) ?? [])
        expireAcks(now: now)
        expireWaiters(now: now)
        rearm()
    }
}
