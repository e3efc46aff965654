internal import NetLoop
public import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// A namespace of a server, as a client uses it. Any thread may hold and use it.
///
/// It lives on its manager's event loop, where its handlers run; what is asked of it elsewhere is carried out there, in
/// the order asked by each thread. Its handlers stay over reconnections, until `off` or the manager's `close`: one that
/// holds the socket keeps it until then.
public final class ClientSocket: Sendable {
    /// The connection that the socket shares.
    public let manager: ClientManager
    /// `/` for the main one.
    public let namespace: String

    let configuration: Configuration
    private let home: Home
    let wireName: [UInt8]
    private let lastAckID = Atomic<UInt64>(0)
    /// Guards what the application reads from any thread; taken when it changes, not for messages.
    private let status = Mutex(Status())

    /// Where it lives.
    enum Home {
        case loop(LoopBound<ClientSocketCore>)
        /// No loop could be started.
        case none(SocketWithoutLoop)
    }

    struct Status {
        var id: SocketID?
        var isConnected = false
        var isActive = false
        var isRecovered = false
    }

    init(manager: ClientManager, namespace: String, auth: ClientAuth, configuration: Configuration) {
        self.manager = manager
        self.namespace = namespace
        self.configuration = configuration
        wireName = namespace == "/" ? [] : Array(namespace.utf8)
        home = manager.makeSocketCore(namespace, auth: auth, configuration: configuration)
    }

    deinit {
        manager.registry.forget(namespace)
    }

    /// What the server calls this socket: another id with each connection, unless it was recovered; nil without one.
    public var id: SocketID? { status.withLock { $0.id } }

    /// Whether the namespace is joined.
    public var isConnected: Bool { status.withLock { $0.isConnected } }

    /// Whether the socket is connected, or will be without anybody asking again. False before `connect`, after
    /// `disconnect`, and once the server disconnected or refused it.
    public var isActive: Bool { status.withLock { $0.isActive } }

    /// Whether the server recovered the last session: events that were missed in between have been handled.
    public var isRecovered: Bool { status.withLock { $0.isRecovered } }

    func update(_ change: (inout Status) -> Void) {
        status.withLock { change(&$0) }
    }

    // MARK: Connecting

    /// Connects, and returns once the namespace is joined.
    ///
    /// Attempts that fail are repeated as the manager's `reconnection` says, and told to `onConnectError`. Once
    /// connected, a lost connection is made again without asking. If this throws, nothing is tried any more.
    ///
    /// - Parameter timeout: For all attempts together; 20 seconds by default, nil for as long as it takes.
    /// - Throws: `ClientError`: `refused` if the server's middleware said no; at the timeout the last attempt's error;
    ///   `closed` after `disconnect`; `cancelled` when the task is.
    public func connect(timeout: Duration? = .seconds(20)) async throws(ClientError) {
        guard !Task.isCancelled else { throw .cancelledWait }
        try await wait(timeout: timeout, keepsTrying: false)
    }

    /// Begins to connect, and returns once the namespace is joined, or the time is over: it goes on trying then.
    ///
    /// For an application that works without a connection, too, and has one as soon as there can be: what `connect`
    /// gives up, this leaves to the manager's `reconnection`.
    ///
    /// - Parameter timeout: 20 seconds by default.
    /// - Returns: Whether the namespace is joined; see `isActive` for whether it may yet be. False at once when the
    ///   server refuses, when the attempts are used up, and when the task is cancelled.
    @discardableResult
    public func openAndWait(timeout: Duration = .seconds(20)) async -> Bool {
        do {
            try await wait(timeout: timeout, keepsTrying: true)
            return true
        } catch {
            return false
        }
    }

    private func wait(timeout: Duration?, keepsTrying: Bool) async throws(ClientError) {
        let id = RegistrationID.next()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = ConnectWaiter(continuation: continuation, keepsTrying: keepsTrying)
                perform(.wait(id: id, waiter, timeout: timeout))
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { post(.cancelWait(id: id)) }
            }
        } onCancel: {
            post(.cancelWait(id: id))
        }
        try result.get()
    }

    /// Begins to connect and returns at once: what comes of it goes to `onConnect` and `onConnectError`, also that the
    /// manager's URL or the namespace's name cannot be used, or that the system has no thread for it.
    public func open() {
        perform(.open)
    }

    /// Leaves the namespace. It is not joined again before `connect`; the connection ends with the last socket.
    public func disconnect() {
        perform(.disconnect)
    }

    /// Sets what the next connect sends to the server's middlewares: an object.
    public func setAuth(_ auth: some Encodable & Sendable) {
        change(.setAuth(.value(Result { () throws(ClientError) in try ClientAuth.encode(auth) })))
    }

    /// Sets what is asked for what each connect sends to the server's middlewares.
    public func setAuth<Auth: Encodable & Sendable>(_ auth: @escaping @Sendable () async throws -> Auth) {
        change(.setAuth(.function { try ClientAuth.encode(try await auth()) }))
    }

    // MARK: Internals

    func nextAckID() -> UInt64 {
        lastAckID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// The core, where the caller is on the loop's thread.
    var currentCore: ClientSocketCore? {
        switch home {
        case .loop(let core): core.valueIfCurrent
        case .none: nil
        }
    }

    /// Carries out `action`: at once on the loop, otherwise as soon as the loop gets to it.
    func perform(_ action: ClientSocketCommand.Action) {
        switch home {
        case .loop(let core):
            if let core = core.valueIfCurrent {
                core.perform(action, self)
            } else {
                core.loop.post(ClientSocketCommand(core: core, socket: self, action: action))
            }
        case .none(let stand): stand.perform(action, self)
        }
    }

    /// Carries out `action` in a later turn of the loop: after what was asked before, also on other threads, and so for
    /// what undoes something. A task is cancelled on whatever thread, which may be the loop's.
    func post(_ action: ClientSocketCommand.Action) {
        switch home {
        case .loop(let core): core.loop.post(ClientSocketCommand(core: core, socket: self, action: action))
        case .none(let stand): stand.perform(action, self)
        }
    }

    func change(_ change: ClientSocketCommand.Change) {
        perform(.change(change))
    }

    /// Removes what was registered: at once, and behind the registration, which may still be on its way.
    func undo(_ change: ClientSocketCommand.Change) {
        currentCore?.perform(.change(change), self)
        post(.change(change))
    }

    /// Starts an asynchronous handler on the loop, where the caller is.
    func start(_ handler: @escaping @Sendable () async throws -> Void) {
        switch home {
        case .loop(let core):
            core.loop.start { [self] in
                do {
                    try await handler()
                } catch {
                    report(error)
                }
            }
        case .none(let stand): stand.start(handler, self)
        }
    }

    package func report(_ error: any Error) {
        manager.report(error, of: self)
    }
}
