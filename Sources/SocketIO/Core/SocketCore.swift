internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// How a socket begins and ends.

extension SocketCore {
    // MARK: Admission

    /// Asks the middlewares from `position` on, and connects the socket if none refuses.
    func admit(from position: Int = 0) {
        let middlewares = shard.currentHandlers().middlewares
        var position = position
        while position < middlewares.count {
            switch middlewares[position] {
            case .immediate(let middleware):
                do {
                    try middleware(socket)
                } catch {
                    return refuse(error)
                }
            case .asynchronous(let middleware):
                return admit(after: middleware, at: position)
            }
            position += 1
            guard phase == .connecting else { return }
        }
        connect()
    }

    private func admit(after middleware: @escaping @Sendable (Socket) async throws -> Void, at position: Int) {
        guard let others else { preconditionFailure("a socket that is being admitted is not alone with its session") }
        let admission = Admission(in: others)
        madeExtras().admission = admission
        let bound = LoopBound(admission, on: loop)
        let task = loop.startTask { [socket] in
            do {
                try await middleware(socket)
                bound.value.end()
                socket.core.resume(from: position + 1)
            } catch {
                bound.value.end()
                socket.core.refuse(error)
            }
        }
        admission.began(task)
    }

    private func resume(from position: Int) {
        switch phase {
        case .connecting: admit(from: position)
        case .connected, .disconnecting, .disconnected: break
        }
    }

    private func refuse(_ error: any Error) {
        switch phase {
        case .connecting: break
        case .connected, .disconnecting, .disconnected: return
        }
        leaveUnconnected { others?.refuse(socket, error) }
    }

    /// The socket leaves its session, by `removal`, before it was connected.
    func leaveUnconnected(_ removal: () -> Void) {
        phase = .disconnected
        endRestoring(because: nil)
        // A middleware may have put it into rooms.
        let left = leaveAll(wasConnected: false)
        let admission = extras?.admission
        admission?.abandon()
        removal()
        settleWaits()
        shard.tell(left)
        release()
        admission?.cancel()
    }

    /// The middlewares have let the socket in.
    func connect() {
        // Asked after the middlewares were read: a namespace that ends loses them.
        guard !shard.namespace.hasEnded else { return refuse(ConnectionRefused("Invalid namespace")) }
        if let recovery = shard.server.recovery, hasLostReturn(in: recovery) { return beginAnew() }
        phase = .connected
        extras?.admission = nil
        // Before it is among those that are there already.
        shard.refreshHandlers()
        let notesRooms = shard.notesRooms
        shard.add(socket)
        var entered = shard.server.recovery.map { beginRecovery(in: $0) } ?? []
        if others?.isOfVersion2 == true, SocketID(ownerOf: Room(id)) == nil {
            // It does not say of itself that it is a socket's: its room is one like any other.
            setInOwnRoom(false)
            entered += enter([Room(id)])
        }
        if notesRooms, isInOwnRoom { entered.insert(.entered(Room(id), id), at: 0) }
        others?.didConnect(socket)
        shard.server.administration?.connected(socket)
        shard.tell(entered)
        for handler in shard.currentHandlers().connection where isConnected { handler.call(socket, ()) }
    }

    // MARK: The end

    /// Ends the socket from this side.
    func disconnectNow(closingConnection: Bool) {
        let leaving = closingConnection ? others?.sockets ?? [socket] : [socket]
        switch phase {
        case .disconnected: return
        case .connecting: refuse(ConnectionRefused("Connection refused"))
        case .connected, .disconnecting: break
        }
        // Each namespace first gets its DISCONNECT, then the connection ends.
        for socket in leaving {
            let core = SocketCore(socket)
            guard core.phase == .connected else { continue }
            core.sendDisconnect()
            core.end(because: .serverNamespaceDisconnect)
        }
        if closingConnection { session.close() }
    }

    /// The last thing that happens to a socket.
    func end(because reason: DisconnectReason) {
        switch phase {
        case .disconnected, .disconnecting:
            return
        case .connecting:
            phase = .disconnected
            endRestoring(because: reason)
            let left = leaveAll(wasConnected: false)
            let admission = extras?.admission
            admission?.abandon()
            leaveSession(because: reason)
            settleWaits()
            shard.tell(left)
            release()
            shard.server.logger.log(at: .debug, "socket \(id) left before the middlewares had decided: \(reason)")
            admission?.cancel()
        case .connected:
            phase = .disconnecting
            for handler in disconnectingHandlers { handler.call(socket, reason) }
            let disconnectHandlers = disconnectHandlers
            phase = .disconnected
            if let recovery = shard.server.recovery { endRecovery(in: recovery, because: reason) }
            shard.server.administration?.disconnected(socket, because: reason)
            let left = leaveAll(wasConnected: true)
            shard.remove(socket)
            extras?.inbox?.end()
            let decision = extras?.decision
            let others = leaveSession(because: reason)
            settleWaits()
            shard.server.tally.disconnects[reason, default: 0] += 1
            shard.tell(left)
            for handler in disconnectHandlers { handler.call(socket, reason) }
            release()
            if let others { abandonHandlers(in: others) }
            decision?.cancel()
        }
    }

    /// - Returns: What the session has now, if it goes on.
    @discardableResult
    private func leaveSession(because reason: DisconnectReason) -> SessionSockets? {
        let isUnknownToClient = reason == .serverNamespaceDisconnect
        if let others {
            if isUnknownToClient { others.noteLeft(shard.wireName) }
            others.remove(socket)
            return others
        } else if session.isOpen {
            // It goes on without a socket.
            let others = SessionSockets(session, shard: shard.server)
            if isUnknownToClient { others.noteLeft(shard.wireName) }
            session.pass(to: others)
            return others
        }
        return nil
    }

    /// The session counts the handlers that go on until the last of them has ended.
    private func abandonHandlers(in session: SessionSockets) {
        guard handlersInFlight > 0 else { return }
        madeExtras().abandonedIn = session
        session.abandonedGoesOn()
    }

    /// Nobody will answer, or take anything.
    private func settleWaits() {
        extras?.acks?.settleAll()
        extras?.acks = nil
        extras?.output?.end()
        extras?.output = nil
    }

    private var disconnectingHandlers: [LifecycleHandler<DisconnectReason>] {
        shard.currentHandlers().disconnecting + (extras?.disconnecting ?? [])
    }

    private var disconnectHandlers: [LifecycleHandler<DisconnectReason>] {
        shard.currentHandlers().disconnect + (extras?.disconnect ?? [])
    }

    /// Handlers often hold the socket they belong to: without this neither would ever go.
    private func release() {
        endOverhearing()
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        let ended = extras
        extras = nil
        if let count = ended?.moreHandlersInFlight, count > 0 { madeExtras().moreHandlersInFlight = count }
        withExtendedLifetime(ended) {}
        shard.server.context.leave(shard.namespace)
    }
}
