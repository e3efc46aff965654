// What happens to a manager's connection. Handlers are called on the manager's event loop, in the order registered.

extension ClientManager {
    /// Calls `handler` when a connection is open, before the sockets join their namespaces.
    public func onOpen(_ handler: @escaping @Sendable () -> Void) {
        register { $0.open.append(handler) }
    }

    /// Calls `handler` when a connection could not be made.
    public func onError(_ handler: @escaping @Sendable (ClientError) -> Void) {
        register { $0.error.append(handler) }
    }

    /// Calls `handler` at each heartbeat of the server.
    public func onPing(_ handler: @escaping @Sendable () -> Void) {
        register { $0.ping.append(handler) }
    }

    /// Calls `handler` before each attempt to reconnect, with its number from 1.
    public func onReconnectAttempt(_ handler: @escaping @Sendable (_ attempt: Int) -> Void) {
        register { $0.reconnectAttempt.append(handler) }
    }

    /// Calls `handler` when an attempt to reconnect succeeded, with its number.
    public func onReconnect(_ handler: @escaping @Sendable (_ attempt: Int) -> Void) {
        register { $0.reconnect.append(handler) }
    }

    /// Calls `handler` when an attempt to reconnect failed.
    public func onReconnectError(_ handler: @escaping @Sendable (ClientError) -> Void) {
        register { $0.reconnectError.append(handler) }
    }

    /// Calls `handler` when as many attempts to reconnect as allowed have failed; nothing more is tried.
    public func onReconnectFailed(_ handler: @escaping @Sendable () -> Void) {
        register { $0.reconnectFailed.append(handler) }
    }

    /// Calls `handler` when a connection that was open is closed.
    public func onClose(_ handler: @escaping @Sendable (ClientSocket.DisconnectReason) -> Void) {
        register { $0.close.append(handler) }
    }
}
