// What came to the client. Each event is given to the test once, in the order of those of its name; what has no name here
// stays until it is asked for.

extension TestClient {
    /// The arguments of the next event `name`: of the first that came and was not asked for yet, or else of the next to
    /// come.
    ///
    /// - Throws: `TestFailure` after the server's `patience`: its description lists what came instead.
    @discardableResult
    public func next(_ name: String) async throws -> EventArguments {
        if let arrival = arrivals.take(where: { $0.isNamed(name) }) { return arrival.arguments }
        return try await wait(server.patience) { [arrivals] in
            try await arrivals.next { $0.isNamed(name) }.arguments
        } otherwise: {
            TestFailure("no \"\(name)\" came to \(socket.namespace) within \(server.patience)\(circumstances)")
        }
    }

    /// The argument of the next event `name`.
    ///
    /// ```swift
    /// let text: String = try await ada.next("chat")
    /// ```
    /// - Throws: `TestFailure` after the server's `patience`, or if the argument is of another type.
    public func next<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) async throws -> Value {
        try await next(name).decodeAll(of: name, as: type)
    }

    /// The arguments of the next event `name`, of these types.
    ///
    /// ```swift
    /// let (x, y) = try await ada.next("moved", Int.self, Int.self)
    /// ```
    /// - Throws: `TestFailure` after the server's `patience`, or if an argument is of another type.
    public func next<First: Decodable, Second: Decodable, each Other: Decodable>(
        _ name: String, _ first: First.Type, _ second: Second.Type, _ others: repeat (each Other).Type
    ) async throws -> (First, Second, repeat each Other) {
        try await next(name).decodeAll(of: name, as: first, second, repeat each others)
    }

    /// The argument of the next declared event.
    ///
    /// ```swift
    /// let text = try await ada.next(.message).text
    /// ```
    /// - Throws: `TestFailure` after the server's `patience`, or if the argument is of another type.
    @discardableResult
    public func next<Argument: Codable & Sendable>(_ event: Event<Argument>) async throws -> Argument {
        try await next(event.name.description)
    }

    // For one argument the form above: of a pack of one, Swift 6.3 finds no members.

    /// The arguments of the next declared event.
    ///
    /// - Throws: `TestFailure` after the server's `patience`, or if an argument is of another type.
    @_disfavoredOverload
    @discardableResult
    public func next<each Argument>(_ event: Event<repeat each Argument>) async throws -> (repeat each Argument) {
        let name = event.name.description
        return try await next(name).decodeAll(of: name, as: repeat (each Argument).self)
    }

    /// What came and was not asked for yet, in its order. After `TestServer.settle` it is all that there is:
    /// `#expect(bob.unread.isEmpty)`.
    public var unread: [Arrival] { arrivals.all }

    /// The events `name` that came and were not asked for yet, in their order.
    public func unread(_ name: String) -> [EventArguments] {
        arrivals.all.filter { $0.isNamed(name) }.map(\.arguments)
    }

    /// Forgets what came and was not asked for.
    public func discardUnread() {
        arrivals.removeAll()
    }
}

extension EventArguments {
    /// As a handler gets them: a missing argument counts as `null`, and further ones are ignored.
    fileprivate func decodeAll<each Value: Decodable>(
        of name: String, as types: repeat (each Value).Type
    ) throws -> (repeat each Value) {
        var index = 0
        do {
            return (repeat try decode(each types, &index))
        } catch {
            let arrival = Arrival(name: name, values)
            throw TestFailure("\(arrival) came, whose argument \(index) is of another type: \(error)")
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ index: inout Int) throws -> Value {
        let place = index
        index += 1
        return try place < count ? decode(type, at: place) : EventArguments([.null]).decode(type, at: 0)
    }
}
