package import SocketIOWire

/// An event as it arrived: where its arguments lie in the text, and what they refer to.
package struct IncomingEvent {
    package let arguments: ArgumentList
    package let attachments: [[UInt8]]
    /// The acknowledgement that the peer asked for.
    package let ackID: UInt64?

    package init(arguments: ArgumentList, attachments: [[UInt8]], ackID: UInt64?) {
        self.arguments = arguments
        self.attachments = attachments
        self.ackID = ackID
    }

    /// The next argument, decoded from `text`; one that is missing counts as `null`.
    package func decode<Value: Decodable>(
        _ type: Value.Type, _ cursor: inout ArgumentList.Cursor, _ text: Span<UInt8>
    ) throws -> Value {
        if type == EventArguments.self {
            return exactCast(cursor.rest(of: arguments, in: text, attachments: attachments), to: type)
        }
        guard let value = cursor.next(of: arguments, in: text) else {
            let null = Array("null".utf8)
            return try JSONCoding.decode(type, from: null.span, attachments: [])
        }
        return try JSONCoding.decode(
            type, from: text.extracting(value.range), isPlainString: value.isPlainString, attachments: attachments)
    }
}

/// What a handler belongs to: a socket of either side.
package protocol HandlerOwner: AnyObject, Sendable {
    /// Acknowledges an event with `reply`.
    func acknowledge(_ id: UInt64, with reply: some Encodable & Sendable)
    /// Starts an asynchronous handler on the socket's loop, where the caller is.
    func start(_ handler: @escaping @Sendable () async throws -> Void)
}

/// What a closure given to `on` became.
package struct EventHandler<Owner: HandlerOwner>: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    package typealias Body = @Sendable (Owner, IncomingEvent, Span<UInt8>) throws -> Void

    package let id: UInt64
    /// Whether what the closure returns is an acknowledgement.
    package let replies: Bool
    package let isOnce: Bool
    package let body: Body

    package init(id: UInt64, replies: Bool, isOnce: Bool, body: @escaping Body) {
        self.id = id
        self.replies = replies
        self.isOnce = isOnce
        self.body = body
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend.

extension EventHandler {
    package static func body<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Owner, repeat each Argument) throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            try handler(socket, repeat event.decode((each Argument).self, &cursor, text))
        }
    }

    package static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Owner, repeat each Argument) throws -> Reply
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(socket, repeat event.decode((each Argument).self, &cursor, text))
            if let id = event.ackID { socket.acknowledge(id, with: reply) }
        }
    }

    package static func body<each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Owner, repeat each Argument) async throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let arguments = (repeat try event.decode((each Argument).self, &cursor, text))
            socket.start { try await handler(socket, repeat each arguments) }
        }
    }

    package static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (Owner, repeat each Argument) async throws -> Reply
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
