public import SocketIOEvents

// Events whose name is a `String`: known at run time only. A literal is an `EventName`, which is why these forms are not
// preferred. A reserved name, which a peer may have chosen, is reported and nothing is sent.

extension Socket {
    /// Sends an event to this socket's client; see the form with a literal.
    @_disfavoredOverload
    public func emit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        if let name = eventName(name) { emit(name, repeat each arguments) }
    }

    /// Sends an event with one argument: without the cost of a list of arguments.
    @_disfavoredOverload
    public func emit<Argument: Encodable>(_ name: String, _ argument: Argument) {
        if let name = eventName(name) { emit(name, argument) }
    }

    /// Sends an event and returns the client's acknowledgement; see the form with a literal.
    ///
    /// - Throws: `AckError`; `unencodable` if the name is reserved.
    @_disfavoredOverload
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: String, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws(AckError) -> Reply {
        guard let name = eventName(name) else { throw AckError(.unencodable) }
        return try await emitWithAck(name, repeat each arguments, timeout: timeout)
    }

    fileprivate func eventName(_ name: String) -> EventName? {
        do {
            return try EventName(checking: name)
        } catch {
            report(error, in: .sending(name))
            return nil
        }
    }
}

extension ModifiedSocket {
    /// Sends an event; see the form with a literal.
    @_disfavoredOverload
    public func emit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        if let name = socket.eventName(name) { emit(name, repeat each arguments) }
    }
}
