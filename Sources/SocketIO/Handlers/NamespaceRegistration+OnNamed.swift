public import SocketIOEvents

// Events whose name is a `String`: known at run time only. A literal is an `EventName`, which is why these forms are not
// preferred. A reserved name, which a peer may have chosen, is reported and has no effect.

extension NamespaceRegistration {
    /// Calls `handler` for each event `name` of any socket; see the form with a literal.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Calls the asynchronous `handler` for each event `name` of any socket.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Void
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Answers each event `name` of any socket with what `handler` returns.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Reply
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Answers each event `name` of any socket with what the asynchronous `handler` returns.
    @_disfavoredOverload
    @discardableResult
    public func on<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        _ name: String, _ handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Reply
    ) -> EventSubscription {
        register(name) { on($0, handler) }
    }

    /// Removes the namespace's handlers of `name`; those of single sockets stay.
    @_disfavoredOverload
    public func off(_ name: String) {
        // No handler can have a reserved name.
        if let name = EventName(name) { off(name) }
    }

    func register(_ name: String, _ body: (EventName) -> EventSubscription) -> EventSubscription {
        do {
            return body(try EventName(checking: name))
        } catch {
            registrationNamespace.context.logRefusal(error)
            return .none
        }
    }
}
