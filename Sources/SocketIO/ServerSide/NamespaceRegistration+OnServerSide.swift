public import SocketIOEvents

// Handlers of what other nodes send with `serverSideEmit`. Registered with a namespace, they hold for its name on this node.

extension NamespaceRegistration {
    /// Calls `handler` for each event `name` that another node sends to servers: JavaScript's `io.on` for these.
    ///
    /// ```swift
    /// io.onServerSideEmit("cache cleared") { (cache: String) in print("\(cache) is read anew") }
    /// ```
    /// Called on one event loop of the namespace, in the order in which the events came. What it throws is logged, and so is
    /// an event whose arguments are of other types. Where a node asks for an answer, it is what the first handler returns
    /// that returns something; without such a handler, that all have ended.
    @discardableResult
    public func onServerSideEmit<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        addServerSide(name, ServerSideHandler.body(handler))
    }

    /// Calls the asynchronous `handler`, begun in the order in which the events came.
    @discardableResult
    public func onServerSideEmit<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        addServerSide(name, ServerSideHandler.body(async: handler))
    }

    /// Answers each event `name` of another node with what `handler` returns.
    @discardableResult
    public func onServerSideEmit<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        addServerSide(name, replies: true, ServerSideHandler.body(replying: handler))
    }

    /// Answers each event `name` of another node with what the asynchronous `handler` returns.
    @discardableResult
    public func onServerSideEmit<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        addServerSide(name, replies: true, ServerSideHandler.body(asyncReplying: handler))
    }

    /// Calls `handler` for each declared `event` that another node sends to servers.
    @discardableResult
    public func onServerSideEmit<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        addServerSide(event.name, ServerSideHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each declared `event`.
    @discardableResult
    public func onServerSideEmit<each Argument>(
        _ event: Event<repeat each Argument>,
        _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        addServerSide(event.name, ServerSideHandler.body(async: handler))
    }

    /// Answers each declared `request` of another node with what `handler` returns.
    @discardableResult
    public func onServerSideEmit<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        addServerSide(request.name, replies: true, ServerSideHandler.body(replying: handler))
    }

    /// Answers each declared `request` of another node with what the asynchronous `handler` returns.
    @discardableResult
    public func onServerSideEmit<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        addServerSide(request.name, replies: true, ServerSideHandler.body(asyncReplying: handler))
    }

    private func addServerSide(
        _ name: EventName, replies: Bool = false, _ body: @escaping ServerSideHandler.Body
    ) -> EventSubscription {
        let handler = ServerSideHandler(of: Array(name.description.utf8), replies: replies, body)
        let namespace = registrationNamespace
        namespace.addServerSide(handler)
        let (id, bytes) = (handler.id, handler.name)
        return EventSubscription { namespace.removeServerSide(id, of: bytes) }
    }
}
