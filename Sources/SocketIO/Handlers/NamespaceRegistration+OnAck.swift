public import SocketIOEvents

// Handlers that answer with an `Ack`, their last parameter.

extension NamespaceRegistration {
    /// Calls `handler` for each event `name` of any socket, with an `Ack` to answer by: later, or with several values.
    ///
    /// ```swift
    /// io.on("order") { (_: Socket, id: Int, ack: Ack<Int, String>) in ack(id, "paid") }
    /// ```
    /// Nothing is sent unless it is called, also when the handler ends.
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, each Value: Encodable & Sendable>(
        _ name: EventName,
        _ handler: @escaping @Sendable (Receiver, repeat each Argument, Ack<repeat each Value>) throws -> Void
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.ackBody(handler))
    }

    /// Calls the asynchronous `handler` for each event `name` of any socket, with an `Ack` to answer by.
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, each Value: Encodable & Sendable>(
        _ name: EventName,
        _ handler: @escaping @Sendable (Receiver, repeat each Argument, Ack<repeat each Value>) async throws -> Void
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.ackBody(async: handler))
    }

    /// Calls `handler` for each event `name` of any socket, with an `Ack` to answer by; see the form with a literal.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, each Value: Encodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (Receiver, repeat each Argument, Ack<repeat each Value>) throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Calls the asynchronous `handler` for each event `name` of any socket, with an `Ack` to answer by; see the form with a literal.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, each Value: Encodable & Sendable>(
        _ name: String,
        _ handler: @escaping @Sendable (Receiver, repeat each Argument, Ack<repeat each Value>) async throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Calls `handler` for each `request` of any socket, with an `Ack` to answer by.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument, Ack<Reply>) throws -> Void
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.ackBody(handler))
    }

    /// Calls the asynchronous `handler` for each `request` of any socket, with an `Ack` to answer by.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (Socket, repeat each Argument, Ack<Reply>) async throws -> Void
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.ackBody(async: handler))
    }
}
