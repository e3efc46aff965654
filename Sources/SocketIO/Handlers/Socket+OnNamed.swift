public import SocketIOEvents

// Events whose name is a `String`: known at run time only. A literal is an `EventName`, which is why these forms are not
// preferred. A reserved name, which a peer may have chosen, is reported and has no effect.

extension Socket {
    /// Calls `handler` for each event `name`; see the form with a literal.
    @_disfavoredOverload
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Calls the asynchronous `handler` for each event `name`.
    @_disfavoredOverload
    @discardableResult
    public func on<each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Answers each event `name` with what `handler` returns.
    @_disfavoredOverload
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Answers each event `name` with what the asynchronous `handler` returns.
    @_disfavoredOverload
    @discardableResult
    public func on<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Calls `handler` for the next event `name` only.
    @_disfavoredOverload
    @discardableResult
    public func once<each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> EventSubscription {
        register(name) { once($0, handler) }
    }

    /// Removes this socket's handlers of `name`; the namespace's stay.
    @_disfavoredOverload
    public func off(_ name: String) {
        // No handler can have a reserved name.
        if let name = EventName(name) { off(name) }
    }

    func register(_ name: String, _ body: (EventName) -> EventSubscription) -> EventSubscription {
        do {
            return body(try EventName(checking: name))
        } catch {
            report(error, in: .registering(name))
            return .none
        }
    }
}
