internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// An event as it arrived: where its arguments lie in its text.
struct IncomingEvent {
    let arguments: ArgumentList
    /// The acknowledgement that the peer asked for, until a handler takes it.
    var ackID: UInt64?
}

/// What a closure given to `on` became.
final class EventHandler: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    typealias Body = @Sendable (Socket, IncomingEvent, _ text: Span<UInt8>, _ attachments: [[UInt8]]) throws -> Void

    let id: UInt64
    /// Whether what the closure returns is an acknowledgement.
    let replies: Bool
    let isOnce: Bool
    private let body: Body

    init(replies: Bool = false, isOnce: Bool = false, _ body: @escaping Body) {
        id = RegistrationID.next()
        self.replies = replies
        self.isOnce = isOnce
        self.body = body
    }

    /// Calls the closure; what it throws is reported.
    @inline(__always)
    func call(_ socket: Socket, _ event: IncomingEvent, _ text: Span<UInt8>, _ attachments: [[UInt8]]) {
        do {
            try body(socket, event, text, attachments)
        } catch {
            socket.report(error)
        }
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend.

extension EventHandler {
    /// For one argument, which most events have: a pack would cost each message its copies.
    @specialized(where Argument == String)
    static func body<Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, Argument) throws -> Void
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            try handler(
                socket,
                cursor.decode(
                    Argument.self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory))
        }
    }

    /// For one argument.
    @specialized(where Argument == String, Reply == String)
    static func body<Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Socket, Argument) throws -> Reply
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(
                socket,
                cursor.decode(
                    Argument.self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory))
            if let id = event.ackID { socket.acknowledge(id, with: reply) }
        }
    }

    static func body<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Void
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            try handler(
                socket,
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Socket, repeat each Argument) throws -> Reply
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(
                socket,
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            if let id = event.ackID { socket.acknowledge(id, with: reply) }
        }
    }

    /// For one argument.
    @specialized(where Argument == String)
    static func body<Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Socket, Argument) async throws -> Void
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            let argument = try cursor.decode(
                Argument.self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory)
            socket.core.loop.start {
                do {
                    try await handler(socket, argument)
                } catch {
                    socket.report(error)
                }
            }
        }
    }

    static func body<each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Void
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            socket.core.loop.start {
                do {
                    try await handler(socket, repeat each arguments)
                } catch {
                    socket.report(error)
                }
            }
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (Socket, repeat each Argument) async throws -> Reply
    ) -> Body {
        { socket, event, text, attachments in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            let id = event.ackID
            socket.core.loop.start {
                do {
                    let reply = try await handler(socket, repeat each arguments)
                    if let id { socket.acknowledge(id, with: reply) }
                } catch {
                    socket.report(error)
                }
            }
        }
    }
}

extension Socket {
    /// What the loop keeps for the arguments of later messages; to be asked for on the loop's thread.
    fileprivate var memory: JSONMemory { core.unchecked.namespace.memory }
}
