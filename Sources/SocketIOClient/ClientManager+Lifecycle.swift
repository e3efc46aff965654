public import SocketIOEvents
internal import Synchronization

// What happens to a manager's connection. Handlers are called on the manager's event loop, in the order registered, once
// nothing is being changed: they may call anything. Each is there until its subscription is cancelled, or `close`.

extension ClientManager {
    /// Calls `handler` when a connection is open, before the sockets join their namespaces.
    @discardableResult
    public func onOpen(_ handler: @escaping @Sendable () -> Void) -> EventSubscription {
        add(handler, to: \.open)
    }

    /// Calls `handler` when a connection could not be made.
    @discardableResult
    public func onError(_ handler: @escaping @Sendable (ClientError) -> Void) -> EventSubscription {
        add(handler, to: \.error)
    }

    /// Calls `handler` at each heartbeat of the server.
    @discardableResult
    public func onPing(_ handler: @escaping @Sendable () -> Void) -> EventSubscription {
        add(handler, to: \.ping)
    }

    /// Calls `handler` before each attempt to reconnect, with its number from 1.
    @discardableResult
    public func onReconnectAttempt(_ handler: @escaping @Sendable (_ attempt: Int) -> Void) -> EventSubscription {
        add(handler, to: \.reconnectAttempt)
    }

    /// Calls `handler` when an attempt to reconnect succeeded, with its number.
    @discardableResult
    public func onReconnect(_ handler: @escaping @Sendable (_ attempt: Int) -> Void) -> EventSubscription {
        add(handler, to: \.reconnect)
    }

    /// Calls `handler` when an attempt to reconnect failed.
    @discardableResult
    public func onReconnectError(_ handler: @escaping @Sendable (ClientError) -> Void) -> EventSubscription {
        add(handler, to: \.reconnectError)
    }

    /// Calls `handler` when as many attempts to reconnect as allowed have failed; nothing more is tried.
    @discardableResult
    public func onReconnectFailed(_ handler: @escaping @Sendable () -> Void) -> EventSubscription {
        add(handler, to: \.reconnectFailed)
    }

    /// Calls `handler` when a connection that was open is closed.
    @discardableResult
    public func onClose(_ handler: @escaping @Sendable (ClientSocket.DisconnectReason) -> Void) -> EventSubscription {
        add({ @Sendable in handler($0.reason) }, to: \.close)
    }

    /// Calls `handler` when a connection that was open is closed, with what went wrong, if something did: for
    /// `transportError` and `parseError` it says what.
    @discardableResult
    public func onClose(
        _ handler: @escaping @Sendable (_ reason: ClientSocket.DisconnectReason, _ error: ClientError?) -> Void
    ) -> EventSubscription {
        add({ @Sendable in handler($0.reason, $0.error) }, to: \.close)
    }

    /// Calls `handler` when the connection goes on over WebSocket.
    @discardableResult
    public func onUpgrade(_ handler: @escaping @Sendable () -> Void) -> EventSubscription {
        add(handler, to: \.upgrade)
    }

    private func add<Handler: Sendable>(
        _ handler: Handler, to list: any WritableKeyPath<ManagerCallbacks, Registrations<Handler>> & Sendable
    ) -> EventSubscription {
        let id = RegistrationID.next()
        register { callbacks in
            callbacks[keyPath: list].add(handler, id: id)
            return []
        }
        return EventSubscription { [weak self] in self?.unregister(id) }
    }

    // MARK: The connection

    /// What the connection travels by; nil while there is none.
    public var transport: Transport? { status.transport.withLock { $0 } }

    /// Replaces `Configuration.extraHeaders`, from the next connection on: for a token that expires.
    ///
    /// Called in `onReconnectAttempt` it counts for that attempt. What cannot be sent ends the attempts: it is told to
    /// `onConnectError`, and `connect` throws `invalidHeader`.
    public func setExtraHeaders(_ headers: [String: String]) {
        change { $0.extraHeaders = headers }
    }

    /// Replaces `Configuration.query`, from the next connection on.
    public func setQuery(_ query: [String: String]) {
        change { $0.query = query }
    }
}
