internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// An event as it arrived: where its arguments lie in its text, and what they refer to.
struct IncomingEvent {
    let arguments: ArgumentList
    let attachments: [[UInt8]]
    /// The acknowledgement that the server asked for.
    let ackID: UInt64?
}

/// What a closure given to `on` became.
struct EventHandler: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    typealias Body = @Sendable (ClientSocket, IncomingEvent, _ text: Span<UInt8>) throws -> Void

    let id = RegistrationID.next()
    /// Whether what the closure returns is an acknowledgement.
    let replies: Bool
    let isOnce: Bool
    let body: Body

    init(replies: Bool = false, isOnce: Bool = false, _ body: @escaping Body) {
        self.replies = replies
        self.isOnce = isOnce
        self.body = body
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend.

extension EventHandler {
    static func body<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            try handler(
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: event.attachments,
                    memory: socket.memory))
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: event.attachments,
                    memory: socket.memory))
            if let id = event.ackID { socket.acknowledge(id, with: reply) }
        }
    }

    static func body<each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: event.attachments,
                    memory: socket.memory))
            socket.start { try await handler(repeat each arguments) }
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: event.attachments,
                    memory: socket.memory))
            let id = event.ackID
            socket.start {
                let reply = try await handler(repeat each arguments)
                if let id { socket.acknowledge(id, with: reply) }
            }
        }
    }
}

extension ClientSocket {
    /// What the loop keeps for the arguments of later messages.
    fileprivate var memory: JSONMemory { currentCore?.manager.memory ?? JSONMemory() }
}
