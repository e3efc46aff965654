public import SocketIOEvents

extension ClientSocket {
    /// Calls `handler` each time the namespace is joined; events that waited have been sent by then.
    public func onConnect(_ handler: @escaping @Sendable () throws -> Void) {
        change(.addConnect(.immediate { _ in try handler() }))
    }

    /// Calls the asynchronous `handler` each time the namespace is joined.
    public func onConnect(_ handler: @escaping @Sendable () async throws -> Void) {
        change(.addConnect(.asynchronous { _ in try await handler() }))
    }

    /// Calls `handler` when an attempt to connect failed, or the server refused the socket.
    ///
    /// After a refusal `isActive` is false and nothing more is tried; otherwise the manager tries again as its
    /// `reconnection` says.
    public func onConnectError(_ handler: @escaping @Sendable (ClientError) throws -> Void) {
        change(.addConnectError(.immediate(handler)))
    }

    /// Calls the asynchronous `handler` when an attempt to connect failed, or the server refused the socket.
    public func onConnectError(_ handler: @escaping @Sendable (ClientError) async throws -> Void) {
        change(.addConnectError(.asynchronous(handler)))
    }

    /// Calls `handler` when the namespace is left or the connection lost. `isActive` says whether it will be joined
    /// again.
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) throws -> Void) {
        change(.addDisconnect(.immediate(handler)))
    }

    /// Calls the asynchronous `handler` when the namespace is left or the connection lost.
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) async throws -> Void) {
        change(.addDisconnect(.asynchronous(handler)))
    }

    /// Calls `handler` for every event that arrives, before the event's own handlers; nothing is acknowledged by it.
    public func onAny(_ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void) {
        change(.addAny(handler))
    }

    /// Removes what `onAny` registered.
    public func offAny() {
        change(.removeAny)
    }

    /// Calls `handler` for every event that is emitted, when it is; acknowledgements are not events.
    public func onAnyOutgoing(_ handler: @escaping @Sendable (_ name: String, _ arguments: [JSONValue]) -> Void) {
        change(.addAnyOutgoing(handler))
    }

    /// Removes what `onAnyOutgoing` registered.
    public func offAnyOutgoing() {
        change(.removeAnyOutgoing)
    }
}
