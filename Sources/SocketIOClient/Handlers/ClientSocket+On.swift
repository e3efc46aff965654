public import SocketIOEvents

// `on` in two tiers, as on the server: declared events, whose types come from the declaration, and ad-hoc ones, whose
// types come from the closure. What a handler returns is the acknowledgement.

extension ClientSocket {
    /// Calls `handler` for each `event`, in the order received, on the manager's event loop.
    ///
    /// A synchronous handler ends before the next event begins. An asynchronous one starts in order and runs on the
    /// loop; after its first `await` other events may begin. Several handlers of one event are called in the order
    /// registered. A handler that throws, or arguments of other types, go to
    /// `ClientManager.onHandlerError`; nothing is sent to the peer.
    /// A handler without a value acknowledges with nothing once it has ended, if the peer asks for that and no handler of
    /// the event answers with a value; of several such handlers, once all have ended (Protocol.md 4.4).
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            event.name,
            EventHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each `event`; see the synchronous form.
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(
            event.name,
            EventHandler.body(async: handler))
    }

    /// Answers each `request` with what `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.body(replying: handler))
    }

    /// Answers each `request` with what the asynchronous `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.body(asyncReplying: handler))
    }

    /// Calls `handler` for each event `name`, with arguments of the types that the closure names.
    ///
    /// ```swift
    /// socket.on("move") { (x: Int, y: Int) in board.place(x, y) }
    /// ```
    /// The closure's parameters need their types; a missing argument counts as `null`, and further ones are ignored.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            name,
            EventHandler.body(handler))
    }

    /// Calls the asynchronous `handler` for each event `name`.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(
            name,
            EventHandler.body(async: handler))
    }

    /// Answers each event `name` with what `handler` returns, if the peer asks for an acknowledgement.
    ///
    /// ```swift
    /// socket.on("add") { (a: Int, b: Int) in a + b }
    /// ```
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.body(replying: handler))
    }

    /// Answers each event `name` with what the asynchronous `handler` returns.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.body(asyncReplying: handler))
    }

    /// Calls `handler` for the next `event` only.
    @discardableResult
    public func once<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            event.name, isOnce: true,
            EventHandler.body(handler))
    }

    /// Calls `handler` for the next event `name` only.
    @discardableResult
    public func once<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            name, isOnce: true,
            EventHandler.body(handler))
    }

    func add(
        _ name: EventName, replies: Bool = false, isOnce: Bool = false,
        _ body: @escaping EventHandler.Body
    ) -> EventSubscription {
        let handler = EventHandler(replies: replies, isOnce: isOnce, body)
        change(.addHandler(handler, name: name.description))
        // The id alone: the handler may hold who holds the subscription.
        let id = handler.id
        return EventSubscription { [weak self] in self?.undo(.removeHandler(id: id)) }
    }

    /// Removes everything that was registered on the socket: handlers of events, of any event, of connecting and
    /// disconnecting; sequences of events end.
    public func off() {
        change(.removeEverything)
    }

    /// Removes all handlers of `name`; sequences of it get no more either.
    public func off(_ name: EventName) {
        change(.removeHandlers(name: name.description))
    }

    /// Removes all handlers of `event`.
    public func off<each Argument>(_ event: Event<repeat each Argument>) {
        off(event.name)
    }
}
