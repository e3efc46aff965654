// What the client sends; see `ClientSocket` for the same.

extension TestClient {
    /// Sends an event. `TestServer.settle` returns when the server has handled it.
    public func emit<each Argument: Encodable>(_ name: EventName, _ arguments: repeat each Argument) {
        socket.emit(name, repeat each arguments)
    }

    /// Sends an event whose name is known at run time only.
    @_disfavoredOverload
    public func emit<each Argument: Encodable>(_ name: String, _ arguments: repeat each Argument) {
        socket.emit(name, repeat each arguments)
    }

    /// Sends a declared event.
    public func emit<each Argument>(_ event: Event<repeat each Argument>, _ arguments: repeat each Argument) {
        socket.emit(event, repeat each arguments)
    }

    /// Sends an event and returns the server's acknowledgement.
    ///
    /// - Parameters:
    ///   - name: The event.
    ///   - arguments: What goes with it.
    ///   - timeout: In the time that the test moves; 20 seconds by default.
    /// - Returns: The first value of the acknowledgement, or all of them, as `EventArguments`.
    /// - Throws: `AckError` as `ClientSocket.emitWithAck` does; `TestFailure` after the server's `patience`.
    public func emitWithAck<each Argument: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ name: EventName, _ arguments: repeat each Argument, timeout: Duration = .seconds(20)
    ) async throws -> Reply {
        let arguments = (repeat each arguments)
        return try await wait(server.patience) { [socket] in
            try await socket.emitWithAck(name, repeat each arguments, timeout: timeout)
        } otherwise: {
            TestFailure("\"\(name)\" was not acknowledged within \(server.patience)\(circumstances)")
        }
    }

    /// Sends a declared request and returns the server's reply.
    public func emitWithAck<each Argument, Reply>(
        _ request: Request<repeat each Argument, Reply>, _ arguments: repeat each Argument,
        timeout: Duration = .seconds(20)
    ) async throws -> Reply {
        try await emitWithAck(request.name, repeat each arguments, timeout: timeout)
    }
}
