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
    var joinTimer: TimerID?
    var events = EventTable()
    var callbacks = SocketCallbacks()
    let acks: ClientAcks
    var offline: OfflineBuffer<OutgoingPacket>
    var retries: RetryQueue<OutgoingPacket>?
    var retryTimer: TimerID?
    var early: EarlyEvents
    private var waiters: [ConnectWaiter] = []
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
        acks = ClientAcks(loop: manager.loop, limit: configuration.limits.pendingAcks)
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

    func wait(_ socket: ClientSocket, id: UInt64, _ continuation: ConnectWaiter.Continuation, timeout: Duration?) {
        guard !link.isJoined else { return continuation.resume(returning: .success(())) }
        waiters.append(ConnectWaiter(id: id, continuation, timeout: timeout, for: self))
        connect(socket)
    }

    /// The task of `connect` was cancelled.
    func cancelWait(_ id: UInt64) {
        giveUp(id, ClientError(.cancelled, "the task that waited for the connection was cancelled"))
    }

    func waiterTimedOut(_ id: UInt64) {
        giveUp(id, lastError ?? ClientError(.timedOut, "\(manager.hostField) did not accept \(namespace) in time"))
    }

    /// A `connect` that throws leaves nothing behind that still tries.
    private func giveUp(_ id: UInt64, _ error: ClientError) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        let waiter = waiters.remove(at: index)
        if waiters.isEmpty, !link.isJoined { disconnect() }
        waiter.settle(.failure(error))
    }

    func settleWaiters(_ result: Result<Void, ClientError>) {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.settle(result) }
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
        stopJoinTimer()
        _ = early.takeAll()
        retries?.connectionClosed()
        rearmRetries()
        if handle?.isConnected == true {
            acks.settleAll { [retries] id in retries?.contains(id) == true }
        }
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
        acks.settleAll()
        _ = offline.takeAll()
        callbacks = SocketCallbacks()
        events = EventTable()
        auth = .none
        for finish in streams { finish() }
    }
}

extension ClientSocketCore: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        if let deadline = link.deadline, now >= deadline {
            joinTimer = nil
            manager.namespaceTimedOut(self)
        }
        if let deadline = retries?.deadline, now >= deadline {
            retryTimer = nil
            perform(retries?.handleTimeout(now: now) ?? [])
        }
    }
}
