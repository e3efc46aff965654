public import SocketIOEvents

extension ClientSocket {
    /// The arguments of each `event` from now on, as a sequence: over reconnections, until the manager is closed.
    ///
    /// ```swift
    /// for await message in socket.events(.message) { print(message.text) }
    /// ```
    /// - Parameters:
    ///   - event: Which of them.
    ///   - limit: How many events wait for a slow reader; beyond it the oldest are dropped. 1,000 by default.
    public func events<each Argument>(
        _ event: Event<repeat each Argument>, bufferingNewest limit: Int = 1000
    ) -> AsyncStream<(repeat each Argument)> {
        stream(event.name, limit)
    }

    /// The arguments of each event `name` from now on, of the given types.
    ///
    /// ```swift
    /// for await (x, y) in socket.events("moved", Int.self, Int.self) { … }
    /// ```
    /// - Parameters:
    ///   - name: The event.
    ///   - types: Those of its arguments.
    ///   - limit: How many events wait for a slow reader; beyond it the oldest are dropped. 1,000 by default.
    public func events<each Argument: Decodable & Sendable>(
        _ name: EventName, _ types: repeat (each Argument).Type, bufferingNewest limit: Int = 1000
    ) -> AsyncStream<(repeat each Argument)> {
        stream(name, limit)
    }

    private func stream<each Argument: Decodable & Sendable>(
        _ name: EventName, _ limit: Int
    ) -> AsyncStream<(repeat each Argument)> {
        let (stream, continuation) = AsyncStream<(repeat each Argument)>.makeStream(
            bufferingPolicy: .bufferingNewest(max(limit, 1)))
        let handler = EventHandler(
            isSequence: true,
            EventHandler.body { (arguments: repeat each Argument) in continuation.yield((repeat each arguments)) })
        let id = handler.id
        change(.addHandler(handler, name: name.description))
        change(.addStream(id: id) { continuation.finish() })
        continuation.onTermination = { [weak self] _ in
            self?.undo(.removeHandler(id: id))
            self?.undo(.removeStream(id: id))
        }
        return stream
    }
}
