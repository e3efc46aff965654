internal import SocketIOEvents
internal import SocketIOWire

/// An event as it arrived: where its arguments lie in the text, and what they refer to.
struct IncomingEvent {
    let arguments: ArgumentList
    let attachments: [[UInt8]]
    /// The acknowledgement that the peer asked for.
    let ackID: UInt64?

    /// The next argument, decoded from `text`; one that is missing counts as `null`.
    func decode<Value: Decodable>(
        _ type: Value.Type, _ cursor: inout ArgumentList.Cursor, _ text: Span<UInt8>
    ) throws -> Value {
        guard let range = cursor.next(of: arguments, in: text) else {
            let null = Array("null".utf8)
            return try JSONCoding.decode(type, from: null.span, attachments: [])
        }
        return try JSONCoding.decode(type, from: text.extracting(range), attachments: attachments)
    }
}

/// What a closure given to `on` became.
struct EventHandler: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    typealias Body = @Sendable (Socket, IncomingEvent, Span<UInt8>) throws -> Void

    let id: UInt64
    /// Whether what the closure returns is an acknowledgement.
    let replies: Bool
    let isOnce: Bool
    let body: Body
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend.

extension EventHandler {
    static func body<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            try handler(socket, repeat event.decode((each Argument).self, &cursor, text))
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Reply
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(socket, repeat event.decode((each Argument).self, &cursor, text))
            if let id = event.ackID { socket.acknowledge(id, with: reply) }
        }
    }

    static func body<each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let arguments = (repeat try event.decode((each Argument).self, &cursor, text))
            socket.start { try await handler(socket, repeat each arguments) }
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Reply
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let arguments = (repeat try event.decode((each Argument).self, &cursor, text))
            let id = event.ackID
            socket.start {
                let reply = try await handler(socket, repeat each arguments)
                if let id { socket.acknowledge(id, with: reply) }
            }
        }
    }
}
