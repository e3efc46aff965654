public import SocketIOEvents

// `on` in two tiers: declared events, whose types come from the declaration, and ad-hoc ones, whose types come from the
// closure. In each, a handler is synchronous or asynchronous, and what it returns is the acknowledgement.

extension Socket {
    /// Calls `handler` for each `event`, in the order received, on the socket's event loop.
    ///
    /// A synchronous handler ends before the next event begins. An asynchronous one starts in order and runs on the
    /// loop; after its first `await` other events may begin. While `limits.handlersInFlight` of them are under way, the
    /// socket's further events wait in order. Several handlers of one event are called in the order registered, the
    /// namespace's first. A handler that throws, or arguments of other types, go to `SocketIOServer.onHandlerError`;
    /// nothing is sent to the peer.
    /// A handler without a value acknowledges with nothing once it has ended, if the peer asks for that and no handler of
    /// the event answers with a value; of several such handlers, once all have ended (Protocol.md 4.4).
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            event.name,
            EventHandler.body { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            })
    }

    /// Calls the asynchronous `handler` for each `event`; see the synchronous form.
    @discardableResult
    public func on<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(
            event.name,
            EventHandler.body(async: { (_: Socket, arguments: repeat each Argument) in
                try await handler(repeat each arguments)
            }))
    }

    /// Answers each `request` with what `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.body(replying: { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            }))
    }

    /// Answers each `request` with what the asynchronous `handler` returns.
    @discardableResult
    public func on<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>,
        _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(
            request.name, replies: true,
            EventHandler.body(asyncReplying: {
                (_: Socket, arguments: repeat each Argument) in
                try await handler(repeat each arguments)
            }))
    }

    /// Calls `handler` for each event `name`, with one argument, as most events have.
    @discardableResult
    public func on<Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Argument) throws -> Void
    ) -> EventSubscription {
        add(name, EventHandler.body { (_: Socket, argument: Argument) in try handler(argument) })
    }

    /// Answers each event `name`, with one argument, with what `handler` returns.
    @discardableResult
    public func on<Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (Argument) throws -> Reply
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.body(replying: { (_: Socket, argument: Argument) in try handler(argument) }))
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
            EventHandler.body { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            })
    }

    /// Calls the asynchronous `handler` for each event `name`.
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        add(
            name,
            EventHandler.body(async: { (_: Socket, arguments: repeat each Argument) in
                try await handler(repeat each arguments)
            }))
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
            EventHandler.body(replying: { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            }))
    }

    /// Answers each event `name` with what the asynchronous `handler` returns.
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        add(
            name, replies: true,
            EventHandler.body(asyncReplying: { (_: Socket, arguments: repeat each Argument) in
                try await handler(repeat each arguments)
            }))
    }

    /// Calls `handler` for the next `event` only.
    @discardableResult
    public func once<each Argument>(
        _ event: Event<repeat each Argument>, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            event.name, isOnce: true,
            EventHandler.body { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            })
    }

    /// Calls `handler` for the next event `name` only.
    @discardableResult
    public func once<each Argument: Decodable & Sendable>(
        _ name: EventName, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        add(
            name, isOnce: true,
            EventHandler.body { (_: Socket, arguments: repeat each Argument) in
                try handler(repeat each arguments)
            })
    }

    func add(
        _ name: EventName, replies: Bool = false, isOnce: Bool = false, _ body: @escaping EventHandler.Body
    ) -> EventSubscription {
        let bytes = Array(name.description.utf8)
        let handler = EventHandler(of: bytes, replies: replies, isOnce: isOnce, body)
        perform(.change(.add(handler, name: bytes)))
        let id = handler.id
        return EventSubscription { [weak self, weak handler] in
            // Another thread may have registered it, from where it has not arrived yet.
            handler?.cancel()
            self?.perform(.change(.remove(id: id, name: bytes)))
        }
    }

    /// Removes this socket's handlers of `name`; the namespace's stay.
    public func off(_ name: EventName) {
        perform(.change(.removeAll(name: Array(name.description.utf8))))
    }

    /// Removes this socket's handlers of `event`; the namespace's stay.
    public func off<each Argument>(_ event: Event<repeat each Argument>) {
        off(event.name)
    }

    /// Removes all that is registered on this socket: handlers of its events, of any event, and of its end. What `use` has
    /// added stays, and so does all that is the namespace's.
    public func off() {
        perform(.removeAllHandlers)
    }

    /// Calls `handler` when the socket is about to be gone, while `rooms` still tells where it was.
    public func onDisconnecting(_ handler: @escaping @Sendable (DisconnectReason) throws -> Void) {
        perform(.addDisconnecting(.immediate { _, reason in try handler(reason) }))
    }

    /// Calls `handler` when the socket is gone; nothing can be sent to it any more.
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) throws -> Void) {
        perform(.addDisconnect(.immediate { _, reason in try handler(reason) }))
    }

    /// Calls the asynchronous `handler` when the socket is gone.
    public func onDisconnect(_ handler: @escaping @Sendable (DisconnectReason) async throws -> Void) {
        perform(.addDisconnect(.asynchronous { _, reason in try await handler(reason) }))
    }
}
