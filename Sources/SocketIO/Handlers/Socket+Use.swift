extension Socket {
    /// Adds a check that each event of this socket passes before its handlers are called, in the order added.
    ///
    /// Throwing refuses the event: none of its handlers is called, and nothing is acknowledged. `onError` hears why;
    /// without such a handler, `SocketIOServer.onHandlerError` does. Handlers of any event are called before it.
    ///
    /// ```swift
    /// socket.use { event in
    ///     guard !event.name.hasPrefix("admin:") else { throw NotAllowed() }
    /// }
    /// ```
    public func use(_ middleware: @escaping @Sendable (ReceivedEvent) throws -> Void) {
        perform(.addMiddleware(.immediate(middleware)))
    }

    /// Adds an asynchronous check; see the synchronous form.
    ///
    /// The order of the events stays: while it decides, those behind wait in the socket's inbox (`limits.inboxEvents`), and
    /// acknowledgements and heartbeats go past them. It counts as one of `limits.handlersInFlight`, and its task is cancelled
    /// when the socket is gone; what it decides then counts no more.
    public func use(_ middleware: @escaping @Sendable (ReceivedEvent) async throws -> Void) {
        perform(.addMiddleware(.asynchronous(middleware)))
    }

    /// Calls `handler` when a middleware of this socket has refused an event, with what it threw; and with `InvalidPacket`
    /// when the connection is about to be closed because its client has broken the protocol. JavaScript's
    /// `socket.on("error")`.
    ///
    /// ```swift
    /// socket.onError { error in if error is NotAllowed { socket.disconnect() } }
    /// ```
    /// Several are called in the order registered. Without one, what a middleware threw goes to
    /// `SocketIOServer.onHandlerError`, and what the client did wrong is a line of the log at debug level.
    public func onError(_ handler: @escaping @Sendable (any Error) throws -> Void) {
        perform(.addError(.immediate { _, error in try handler(error) }))
    }

    /// Calls the asynchronous `handler` for what the synchronous form is called for.
    public func onError(_ handler: @escaping @Sendable (any Error) async throws -> Void) {
        perform(.addError(.asynchronous { _, error in try await handler(error) }))
    }
}
