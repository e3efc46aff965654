internal import SocketIOEvents

/// What a loop keeps for a socket that most do not have most of the time.
final class SocketExtras {
    /// What the session has besides this socket.
    var others: SessionSockets?
    // What is registered on this socket alone.
    var events: EventTable?
    var catchAll: CatchAll?
    var disconnecting: [LifecycleHandler<DisconnectReason>] = []
    var disconnect: [LifecycleHandler<DisconnectReason>] = []
    var upgrade: [LifecycleHandler<Void>] = []
    var error: [LifecycleHandler<any Error>] = []
    var middlewares: [EventMiddleware] = []
    /// The acknowledgements that the client is asked for.
    var acks: AckTable?
    /// Who waits until the client has taken what it was sent.
    var output: OutputWatch?
    /// What the socket is to go on with once it is connected.
    var restoring: RecoverySession?
    /// The middleware that is being asked.
    var admission: Admission?
    /// The middleware that is being asked about an event.
    var decision: EventDecision?
    /// What the client sent while so many of its handlers are under way that no more may begin.
    var inbox: SocketInbox?
    /// Handlers that have not ended, beyond those that the socket itself counts.
    var moreHandlersInFlight = 0
    /// There once the socket is gone, while handlers of it go on: who counts them.
    var abandonedIn: SessionSockets?

    var isEmpty: Bool {
        others == nil && events == nil && catchAll == nil && disconnecting.isEmpty && disconnect.isEmpty && acks == nil
            && output == nil && upgrade.isEmpty && error.isEmpty && middlewares.isEmpty && decision == nil
            && restoring == nil && admission == nil && inbox == nil && abandonedIn == nil && moreHandlersInFlight == 0
    }
}

extension SocketExtras {
    /// What the application registers on a socket, and may take back.
    typealias Registered = (
        EventTable?, CatchAll?, [LifecycleHandler<DisconnectReason>], [LifecycleHandler<DisconnectReason>],
        [LifecycleHandler<Void>], [LifecycleHandler<any Error>]
    )

    /// All of it, which ends with what is returned.
    func takeRegistered() -> Registered {
        defer {
            events = nil
            catchAll = nil
            disconnecting = []
            disconnect = []
            upgrade = []
            error = []
        }
        return (events, catchAll, disconnecting, disconnect, upgrade, error)
    }
}

extension SocketCore {
    /// What the session has besides this socket; nil while there is nothing.
    var others: SessionSockets? {
        get { extras?.others }
        nonmutating set {
            madeExtras().others = newValue
            dropEmptyExtras()
        }
    }

    func madeExtras() -> SocketExtras {
        let made = extras ?? SocketExtras()
        extras = made
        return made
    }

    func dropEmptyExtras() {
        if extras?.isEmpty == true { extras = nil }
    }

    func changeExtras(_ change: (SocketExtras) -> Void) {
        guard phase != .disconnected else { return }
        change(madeExtras())
        dropEmptyExtras()
    }

    /// Registers or removes handlers of this socket's events.
    func change(_ change: HandlerRegistry.Change) {
        if case .add(let handler, name: _) = change, handler.isCancelled { return }
        // They end when nothing is being changed any more: what they hold may run code of the application then.
        var removed: [EventTable.Removed] = []
        changeExtras { extras in
            var events = extras.events.take() ?? EventTable()
            events.apply(change, &removed)
            extras.events = events.isEmpty ? nil : events
        }
        withExtendedLifetime(removed) {}
    }
}
