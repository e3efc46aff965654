internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// An event as it arrived: where its arguments lie in its text, and what they refer to.
struct IncomingEvent {
    let arguments: ArgumentList
    let attachments: [[UInt8]]
    /// The acknowledgement that the server asked for, unless a handler before this one answers it.
    let asked: AskedAck?
    /// In which connection it came: an answer goes there or nowhere.
    let join: Int
}

/// What a closure given to `on` became.
struct EventHandler: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    typealias Body = @Sendable (ClientSocket, IncomingEvent, _ text: Span<UInt8>) throws -> Void

    let id = RegistrationID.next()
    /// Whether what the closure returns is an acknowledgement, or it takes an `Ack`.
    let replies: Bool
    let isOnce: Bool
    /// Whether it feeds a sequence, which says nothing about when an event has been handled: it answers nothing.
    let isSequence: Bool
    let body: Body

    init(replies: Bool = false, isOnce: Bool = false, isSequence: Bool = false, _ body: @escaping Body) {
        self.replies = replies
        self.isOnce = isOnce
        self.isSequence = isSequence
        self.body = body
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend. Those with an `Ack` stand in `EventHandler+Ack.swift`.

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
            if let asked = event.asked { socket.handled(asked, in: event.join) }
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
            if let id = event.asked?.valueID { socket.acknowledge(id, in: event.join, values: reply) }
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
            let (asked, join) = (event.asked, event.join)
            socket.start {
                try await handler(repeat each arguments)
                if let asked { socket.handled(asked, in: join) }
            }
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
            let (id, join) = (event.asked?.valueID, event.join)
            socket.start {
                let reply = try await handler(repeat each arguments)
                if let id { socket.acknowledge(id, in: join, values: reply) }
            }
        }
    }
}

extension ClientSocket {
    /// A handler without a value has ended.
    fileprivate func handled(_ asked: AskedAck, in join: Int) {
        guard case .empty(let ack) = asked, ack.handlerEnded() else { return }
        acknowledge(ack.id, in: join)
    }

    /// What the loop keeps for the arguments of later messages.
    var memory: JSONMemory { currentCore?.manager.memory ?? JSONMemory() }
}
