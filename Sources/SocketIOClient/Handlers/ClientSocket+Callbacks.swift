public import SocketIOEvents

extension ClientSocket {
    /// Calls `handler` each time the namespace is joined; events that waited have been sent by then.
    @discardableResult
    public func onConnect(_ handler: @escaping @Sendable () throws -> Void) -> EventSubscription {
        add(.immediate { _ in try handler() }, to: \.connect)
    }

    /// Calls the asynchronous `handler` each time the namespace is joined.
    @discardableResult
    public func onConnect(_ handler: @escaping @Sendable () async throws -> Void) -> EventSubscription {
        add(.asynchronous { _ in try await handler() }, to: \.connect)
    }

    /// Calls `handler` when an attempt to connect failed, or the server refused the socket.
    ///
    /// It may call anything. `isActive` says whether it is tried again: not after a refusal, and not where the manager's
    /// `reconnection` is off or used up. `open` does so then. A namespace that is not answered in time is waited for.
    @discardableResult
    public func onConnectError(_ handler: @escaping @Sendable (ClientError) throws -> Void) -> EventSubscription {
        add(.immediate(handler), to: \.connectError)
    }

    /// Calls the asynchronous `handler` when an attempt to connect failed, or the server refused the socket.
    @discardableResult
    public func onConnectError(_ handler: @escaping @Sendable (ClientError) async throws -> Void) -> EventSubscription {
        add(.asynchronous(handler), to: \.connectError)
    }

    /// Calls `handler` when the namespace is left or the connection lost. `isActive` says whether it will be joined
    /// again; where it is not, `open` joins it. The handler may call anything.
    @discardableResult
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) throws -> Void) -> EventSubscription {
        add(.immediate { try handler($0.reason) }, to: \.disconnect)
    }

    /// Calls the asynchronous `handler` when the namespace is left or the connection lost.
    @discardableResult
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) async throws -> Void)
        -> EventSubscription
    {
        add(.asynchronous { try await handler($0.reason) }, to: \.disconnect)
    }

    /// Calls `handler` when the namespace is left or the connection lost, with what went wrong, if something did: for
    /// `transportError` and `parseError` it says what.
    @discardableResult
    public func onDisconnect(
        _ handler: @escaping @Sendable (_ reason: DisconnectReason, _ error: ClientError?) throws -> Void
    ) -> EventSubscription {
        add(.immediate { try handler($0.reason, $0.error) }, to: \.disconnect)
    }

    private func add<Handler: Sendable>(
        _ handler: Handler, to list: any WritableKeyPath<SocketCallbacks, Registrations<Handler>> & Sendable
    ) -> EventSubscription {
        let id = RegistrationID.next()
        change(
            .callbacks { callbacks in
                callbacks[keyPath: list].add(handler, id: id)
                return []
            })
        return EventSubscription { [weak self] in self?.undo(.callbacks { $0.remove(id) }) }
    }

    private func removeAll(
        of list: any WritableKeyPath<SocketCallbacks, Registrations<SocketCallbacks.AnyHandler>> & Sendable
    ) {
        change(
            .callbacks { callbacks in
                let removed = callbacks[keyPath: list]
                callbacks[keyPath: list] = Registrations()
                return [removed]
            })
    }

    /// Calls `handler` for every event that arrives, before the event's own handlers; nothing is acknowledged by it.
    @discardableResult
    public func onAny(_ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void)
        -> EventSubscription
    {
        add(handler as SocketCallbacks.AnyHandler, to: \.any)
    }

    /// Removes what `onAny` registered.
    public func offAny() {
        removeAll(of: \.any)
    }

    /// Calls `handler` for every event that is emitted, when it is; acknowledgements are not events.
    @discardableResult
    public func onAnyOutgoing(_ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void)
        -> EventSubscription
    {
        add(handler as SocketCallbacks.AnyHandler, to: \.anyOutgoing)
    }

    /// Removes what `onAnyOutgoing` registered.
    public func offAnyOutgoing() {
        removeAll(of: \.anyOutgoing)
    }
}
