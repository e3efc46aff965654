internal import EngineIO
internal import NetLoop
internal import SocketIOEvents

/// A socket as its loop sees it: one client in one namespace. Lives on the client's loop.
///
/// Applications hold it as a `Socket`, which any thread may.
final class SocketCore: Socket, @unchecked Sendable {
    enum State {
        /// The middlewares are being asked.
        case connecting
        case connected
        /// It ends once the `onDisconnecting` handlers, which may still use it, have returned.
        case disconnecting
        case disconnected
    }

    /// What most sockets do not have most of the time.
    final class Extras {
        /// What the session has besides this socket.
        var client: Client?
        // What is registered on this socket alone.
        var events = EventTable.empty
        var any: [AnyEventHandler] = []
        var disconnecting: [LifecycleHandler<DisconnectReason>] = []
        var disconnect: [LifecycleHandler<DisconnectReason>] = []
        /// The acknowledgements that the client is asked for.
        var acks: AckTable?

        var isEmpty: Bool {
            client == nil && events.isEmpty && any.isEmpty && disconnecting.isEmpty && disconnect.isEmpty && acks == nil
        }
    }

    private(set) var state = State.connecting
    /// The broadcast that has reached it, or leaves it out.
    var mark: UInt32 = 0
    private(set) var extras: Extras?

    init(id: SocketID, auth: [UInt8], shard: NamespaceShard, client: Client) {
        super.init(id: id, auth: auth, shard: shard, session: client.session)
        self.client = client
    }

    /// What the session has besides this socket; nil while there is nothing.
    var client: Client? {
        get { extras?.client }
        set {
            madeExtras().client = newValue
            dropEmptyExtras()
        }
    }

    /// Whether nothing has begun to end it.
    var isStaying: Bool {
        switch state {
        case .connected: true
        case .connecting, .disconnecting, .disconnected: false
        }
    }

    // MARK: Admission

    /// Asks the middlewares from `position` on, and connects the socket if none refuses.
    func admit(from position: Int = 0) {
        let middlewares = shard.currentHandlers().middlewares
        var position = position
        while position < middlewares.count {
            switch middlewares[position] {
            case .immediate(let middleware):
                do {
                    try middleware(self)
                } catch {
                    return refuse(error)
                }
            case .asynchronous(let middleware):
                return admit(after: middleware, at: position)
            }
            position += 1
            guard case .connecting = state else { return }
        }
        connect()
    }

    private func admit(after middleware: @escaping @Sendable (Socket) async throws -> Void, at position: Int) {
        shard.start { [self] in
            do {
                try await middleware(self)
                loop.checkIsolated()
                resume(from: position + 1)
            } catch {
                loop.checkIsolated()
                refuse(error)
            }
        }
    }

    private func resume(from position: Int) {
        switch state {
        case .connecting: admit(from: position)
        case .connected, .disconnecting, .disconnected: break
        }
    }

    private func refuse(_ error: any Error) {
        switch state {
        case .connecting: break
        case .connected, .disconnecting, .disconnected: return
        }
        state = .disconnected
        // A middleware may have put it into rooms.
        leaveAll()
        client?.refuse(self, error)
        release()
    }

    private func connect() {
        state = .connected
        shard.add(self)
        setConnected(true)
        client?.didConnect(self)
        for handler in shard.currentHandlers().connection where isConnected { handler.call(self, ()) }
    }

    // MARK: The end

    /// Ends the socket from this side.
    func disconnectNow(closingConnection: Bool) {
        guard isConnected else { return }
        let leaving = closingConnection ? client?.cores ?? [self] : [self]
        // Each namespace first gets its DISCONNECT, then the connection ends.
        for core in leaving where core.isStaying {
            core.sendDisconnect()
            core.end(because: .serverNamespaceDisconnect)
        }
        if closingConnection { session.close() }
    }

    /// The last thing that happens to a socket.
    func end(because reason: DisconnectReason) {
        switch state {
        case .disconnected, .disconnecting:
            return
        case .connecting:
            state = .disconnected
            leaveAll()
            leaveClient()
            release()
        case .connected:
            state = .disconnecting
            for handler in disconnectingHandlers { handler.call(self, reason) }
            let disconnectHandlers = disconnectHandlers
            state = .disconnected
            setConnected(false)
            leaveAll()
            shard.remove(self)
            leaveClient()
            extras?.acks?.settleAll()
            extras?.acks = nil
            for handler in disconnectHandlers { handler.call(self, reason) }
            release()
        }
    }

    private func leaveClient() {
        if let client {
            client.remove(self)
        } else if session.isOpen {
            // It goes on without a socket.
            session.pass(to: Client(session, shard: shard.server))
        }
    }

    private var disconnectingHandlers: [LifecycleHandler<DisconnectReason>] {
        shard.currentHandlers().disconnecting + (extras?.disconnecting ?? [])
    }

    private var disconnectHandlers: [LifecycleHandler<DisconnectReason>] {
        shard.currentHandlers().disconnect + (extras?.disconnect ?? [])
    }

    /// Handlers often hold the socket they belong to: without this neither would ever go.
    private func release() {
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        let ended = extras
        extras = nil
        withExtendedLifetime(ended) {}
    }

    // MARK: Extras

    func madeExtras() -> Extras {
        let made = extras ?? Extras()
        extras = made
        return made
    }

    func dropEmptyExtras() {
        if extras?.isEmpty == true { extras = nil }
    }

    func changeExtras(_ change: (Extras) -> Void) {
        guard state != .disconnected else { return }
        let extras = madeExtras()
        let ended = extras.events
        change(extras)
        dropEmptyExtras()
        // As in `release`.
        withExtendedLifetime(ended) {}
    }

    /// A handler that is called once is being called.
    func forget(_ handler: EventHandler) {
        if extras != nil { changeExtras { $0.events = $0.events.removing(id: handler.id) } }
    }
}
