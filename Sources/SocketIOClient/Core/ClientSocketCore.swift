internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// A client socket's state: one namespace of one manager. Lives on the manager's loop.
///
/// What is asked of it comes through `ClientSocketCommand`, each command as one change: see `Callouts`.
final class ClientSocketCore {
    private let home: LoopBound<ManagerCore>
    let loop: EventLoop
    let namespace: String
    /// Empty for the main namespace.
    let wireName: [UInt8]
    let configuration: ClientSocket.Configuration
    /// Why it can never be joined.
    let problem: ClientError?
    var link = NamespaceLink() {
        didSet { manager.tally.note(from: oldValue, to: link) }
    }
    /// The application's handle, kept while the socket is active or an answer to its CONNECT is to come.
    private(set) var handle: ClientSocket?
    var auth: ClientAuth
    /// Changes with each CONNECT and with the end of each connection, so that what comes late is not for another one.
    private(set) var joinCount = 0
    /// What asks the `auth` function, for the CONNECT that is being prepared.
    var asking: Task<Void, any Error>?
    var events = EventTable()
    var callbacks = SocketCallbacks()
    /// The tasks that wait for acknowledgements.
    var acks: Waiters<ClientAckContinuation>
    var offline: OfflineBuffer<OutgoingPacket>
    var retries: RetryQueue<OutgoingPacket>?
    var early: EarlyEvents
    /// The tasks that wait in `ClientSocket.connect` or `openAndWait`.
    private(set) var waiters = Waiters<ConnectWaiter>()
    /// Set for the earliest deadline there was when it was set, and so to fire then or before anything is late.
    var timer: (id: TimerID, at: ContinuousClock.Instant)?
    /// What the last attempt ended with, for those who wait.
    private var lastError: ClientError?
    private(set) var isShutDown = false

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
        offline = OfflineBuffer(buffer.limits)
        let limits = configuration.limits
        early = EarlyEvents(maxCount: limits.earlyEvents, maxBytes: limits.earlyBytes)
        if configuration.retries > 0 {
            retries = RetryQueue(retries: configuration.retries, ackTimeout: configuration.ackTimeout)
        }
        problem =
            namespace.utf8.contains(UInt8(ascii: ","))
            ? ClientError(
                .invalidNamespace,
                "the namespace \(namespace) has a comma, at which its name would end: no server can answer it") : nil
    }

    var manager: ManagerCore { home.value }
    var callouts: Callouts { manager.callouts }

    // MARK: What the application asks

    /// Begins to connect, and goes on until it is joined or it is clear that it will not be.
    func connect(_ socket: ClientSocket) {
        guard !isShutDown, !manager.isClosed else { return settleWaiters(.failure(.managerClosed)) }
        guard !link.isWanted else { return }
        handle = socket
        lastError = nil
        link.want(now: loop.now, timeout: manager.configuration.connectTimeout)
        rearm()
        socket.update { $0.isActive = true }
        manager.activate(self)
    }

    func wait(_ socket: ClientSocket, id: UInt64, _ waiter: ConnectWaiter, timeout: Duration?) {
        guard !link.isJoined else { return waiter.continuation.resume(returning: .success(())) }
        _ = waiters.add(id, waiter, until: timeout.map { loop.time.advanced(by: $0.bounded) })
        rearm()
        connect(socket)
    }

    /// The task of `connect` was cancelled.
    func cancelWait(_ id: UInt64) {
        guard let waiter = waiters.settle(id) else { return }
        giveUp([waiter], .cancelledWait)
    }

    func expireWaiters(now: ContinuousClock.Instant) {
        let late = waiters.expire(now: now)
        guard !late.isEmpty else { return }
        giveUp(late.map(\.receiver), lastError ?? lateError)
    }

    private var lateError: ClientError {
        if link.isPreparing { return ClientError(.timedOut, "`auth` of \(namespace) did not return in time") }
        return ClientError(.timedOut, "\(manager.hostField) did not accept \(namespace) in time")
    }

    /// A `connect` that throws leaves nothing behind that still tries, unless somebody else waits.
    private func giveUp(_ gone: [ConnectWaiter], _ error: ClientError) {
        if waiters.isEmpty, !link.isJoined, gone.contains(where: { !$0.keepsTrying }) { disconnect() }
        rearm()
        for waiter in gone { waiter.continuation.resume(returning: .failure(error)) }
    }

    /// The application leaves.
    func disconnect(because reason: ClientSocket.DisconnectReason = .clientDisconnect) {
        guard link.isWanted else { return }
        let wasJoined = link.leave()
        if wasJoined {
            sendHead(.disconnect)
            manager.namespaceLeft(namespace)
            tellDisconnected(because: reason, nil)
        }
        settleWaiters(.failure(ClientError(.closed, "\(namespace) was disconnected before it was connected")))
        end(wasJoined: wasJoined)
    }

    // MARK: Ends

    /// It is not joined, nor will be before the application asks; the link says so already.
    func end(wasJoined: Bool) {
        dropConnection(wasJoined: wasJoined)
        handle?.update { $0 = ClientSocket.Status() }
        manager.deactivate(self)
    }

    /// What belonged to the connection that is gone.
    private func dropConnection(wasJoined: Bool) {
        joinCount += 1
        stopAsking()
        _ = early.takeAll()
        retries?.connectionClosed()
        // Nobody will answer what was sent over it. What was not joined has sent nothing: all that is awaited waits itself.
        let unanswered = wasJoined ? acks.settleAll { retries?.contains($0) == true } : []
        rearm()
        for waiter in unanswered { waiter.resume(returning: .failure(AckError(.disconnected))) }
    }

    /// The connection was lost; the manager makes another one if it may.
    ///
    /// - Parameters:
    ///   - error: What went wrong, if something did.
    ///   - cause: The same, or in what way the connection ended in order.
    func connectionClosed(
        because reason: ClientSocket.DisconnectReason, _ error: ClientError?, _ cause: ClientError
    ) {
        let isNews = link.isWanted && !link.isJoined
        if link.isJoined { tellDisconnected(because: reason, error) }
        connectionEnded()
        if isNews {
            attemptFailed(
                ClientError(
                    cause.code, "the connection ended before \(namespace) was joined: \(cause)", cause: cause))
        }
    }

    /// There is no connection any more.
    func connectionEnded() {
        dropConnection(wasJoined: link.connectionClosed())
        let isActive = link.isWanted
        handle?.update { status in
            status = ClientSocket.Status()
            status.isActive = isActive
        }
        manager.forget(self)
    }

    /// An attempt to connect failed; the manager tries again if it may.
    func attemptFailed(_ error: ClientError) {
        lastError = error
        guard let socket = handle else { return }
        callouts.add { [self] in notify(callbacks.connectError.inOrder(), error, socket) }
    }

    /// The server, or what goes with CONNECT, says no: the application is told, and nothing is tried any more.
    func refused(_ error: ClientError) {
        attemptFailed(error)
        fail(error)
    }

    /// As `refused`, and in a turn of its own: who answers that with another `open` gets no further in a turn.
    func refuseSoon(_ error: ClientError) {
        loop.post(Refusal(core: LoopBound(self, on: loop), join: joinCount, error: error))
    }

    fileprivate func refuse(_ error: ClientError, join: Int) {
        guard link.isWanted, !link.isJoined, joinCount == join else { return }
        callouts.begin()
        defer { callouts.end() }
        refused(error)
    }

    /// There will be no further attempt.
    func fail(_ error: ClientError) {
        let wasJoined = link.leave()
        settleWaiters(.failure(error))
        end(wasJoined: wasJoined)
    }

    func releaseHandle() {
        guard let socket = handle else { return }
        handle = nil
        // Its end may be that of its handlers.
        callouts.release(socket)
    }

    /// The manager is closed for good: handlers often hold the socket they belong to.
    func shutDown() {
        disconnect(because: .forcedClose)
        isShutDown = true
        let unanswered = acks.settleAll()
        _ = offline.takeAll()
        retries?.removeAll()
        rearm()
        for waiter in unanswered { waiter.resume(returning: .failure(AckError(.disconnected))) }
        // After the end was told, and when nothing is being changed: what they hold may run code of the application.
        callouts.add { [self] in
            removeEverything()
            let ended = auth
            auth = .none
            withExtendedLifetime(ended) {}
        }
    }

    // MARK: What is told

    /// The namespace is joined: tells it, unless it was left before that could be told.
    func tellJoined(_ socket: ClientSocket) {
        let join = joinCount
        callouts.add { [self] in
            guard isIn(join) else { return }
            for callback in callbacks.connect.inOrder() where isIn(join) { callback.call((), for: socket) }
            if isIn(join) { settleWaiters(.success(())) }
        }
    }

    /// Whether it is joined still, by the CONNECT of that number.
    func isIn(_ join: Int) -> Bool { link.isJoined && joinCount == join }

    /// Tells the end of what was joined.
    func tellDisconnected(because reason: ClientSocket.DisconnectReason, _ error: ClientError?) {
        guard let socket = handle else { return }
        callouts.add { [self] in
            notify(callbacks.disconnect.inOrder(), Disconnection(reason: reason, error: error), socket)
        }
    }

    /// Those who wait now hear of it once the application was told.
    private func settleWaiters(_ result: Result<Void, ClientError>) {
        let settled = waiters.settleAll()
        guard !settled.isEmpty else { return }
        rearm()
        callouts.add { for waiter in settled { waiter.continuation.resume(returning: result) } }
    }

    // MARK: Joining

    /// Begins a CONNECT, and returns its number.
    func beginJoin() -> Int {
        joinCount += 1
        return joinCount
    }

    func isPreparing(_ join: Int) -> Bool { link.isPreparing && joinCount == join }

    func joinSucceeded() {
        lastError = nil
    }
}

/// What is asked for cannot be.
private struct Refusal: LoopMessage {
    let core: LoopBound<ClientSocketCore>
    let join: Int
    let error: ClientError

    func deliver(on loop: EventLoop) {
        core.value.refuse(error, join: join)
    }
}
