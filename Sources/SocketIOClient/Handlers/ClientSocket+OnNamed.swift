public import SocketIOEvents

// Events whose name is a `String`: known at run time only. A literal is an `EventName`, which is why these forms are not
// preferred. A reserved name, which a peer may have chosen, is reported and has no effect.

extension ClientSocket {
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

    /// Removes all handlers of `name`; sequences of it get no more either.
    @_disfavoredOverload
    public func off(_ name: String) {
        // No handler can have a reserved name.
        if let name = EventName(name) { off(name) }
    }

    /// The arguments of each event `name` from now on, of the given types; see the form with a literal. Ends at once if
    /// the name is reserved.
    @_disfavoredOverload
    public func events<each Argument: Decodable & Sendable>(
        _ name: String, _ types: repeat (each Argument).Type, bufferingNewest limit: Int = 1000
    ) -> AsyncStream<(repeat each Argument)> {
        do {
            return events(try EventName(checking: name), repeat each types, bufferingNewest: limit)
        } catch {
            report(error)
            return AsyncStream { $0.finish() }
        }
    }

    func register(_ name: String, _ body: (EventName) -> EventSubscription) -> EventSubscription {
        do {
            return body(try EventName(checking: name))
        } catch {
            report(error)
            return .none
        }
    }
}
