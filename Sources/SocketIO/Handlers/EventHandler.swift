internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// What a closure given to `on` became.
final class EventHandler: Sendable {
    /// Decodes the arguments and calls the closure; throws what either throws, if the closure is synchronous.
    ///
    /// - Parameters:
    ///   - asked: The acknowledgement that the client asks for, unless a handler before this one answers it.
    typealias Body =
        @Sendable (
            EventHandler, Socket, EventPayload, _ asked: AskedAck?, _ text: Span<UInt8>, _ attachments: [[UInt8]]
        ) throws -> Void

    let id: UInt64
    /// Whether what the closure returns is an acknowledgement, or it takes an `Ack`.
    let replies: Bool
    /// The event's name.
    let name: [UInt8]
    private let isOnce: Bool
    private let body: Body
    private let cancelled = Atomic<Bool>(false)

    init(of name: [UInt8], replies: Bool = false, isOnce: Bool = false, _ body: @escaping Body) {
        id = RegistrationID.next()
        self.name = name
        self.isOnce = isOnce
        self.replies = replies
        self.body = body
    }

    /// Whether it is not to be registered any more: the request to do so may still be on its way.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }

    /// Calls the closure; what it throws is reported.
    @inline(__always)
    func call(
        _ socket: Socket, _ event: EventPayload, _ asked: AskedAck?, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) {
        if isOnce { leave(socket) }
        do {
            try body(self, socket, event, asked, text, attachments)
        } catch {
            report(error, for: socket)
        }
    }

    /// A handler that is called once is being called.
    @inline(never)
    private func leave(_ socket: Socket) {
        SocketCore(socket).change(.remove(id: id, name: name))
    }

    /// The closure failed, at once or later.
    @inline(never)
    func report(_ error: any Error, for socket: Socket) {
        socket.report(error, in: .handling(String(decoding: name, as: UTF8.self)))
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply. The arguments are decoded on the
// event loop in each, before anything can suspend. Those with an `Ack` stand in `EventHandler+Ack.swift`.

extension EventHandler {
    /// For one argument, which most events have: a pack would cost each message its copies.
    @specialized(where Argument == String)
    static func body<Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Socket, Argument) throws -> Void
    ) -> Body {
        { _, socket, event, asked, text, attachments in
            try handler(socket, socket.onlyArgument(of: event, text, attachments))
            if let ack = asked.emptyAck { socket.handled(ack) }
        }
    }

    /// For one argument.
    @specialized(where Argument == String, Reply == String)
    static func body<Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Socket, Argument) throws -> Reply
    ) -> Body {
        { _, socket, event, asked, text, attachments in
            let reply = try handler(socket, socket.onlyArgument(of: event, text, attachments))
            if let ackID = asked.valueID { socket.acknowledge(ackID, with: reply) }
        }
    }

    static func body<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Void
    ) -> Body {
        { _, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            try handler(
                Receiver.receiver(socket),
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            if let ack = asked.emptyAck { socket.handled(ack) }
        }
    }

    static func body<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (Receiver, repeat each Argument) throws -> Reply
    ) -> Body {
        { _, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            let reply = try handler(
                Receiver.receiver(socket),
                repeat cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            if let ackID = asked.valueID { socket.acknowledge(ackID, with: reply) }
        }
    }

    /// For one argument.
    @specialized(where Argument == String)
    static func body<Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Socket, Argument) async throws -> Void
    ) -> Body {
        { this, socket, event, asked, text, attachments in
            let argument: Argument = try socket.onlyArgument(of: event, text, attachments)
            let ack = asked.emptyAck
            socket.handlerBegins()
            socket.shard.start {
                do {
                    try await handler(socket, argument)
                    if let ack { socket.handled(ack) }
                } catch {
                    this.report(error, for: socket)
                }
                socket.handlerEnded()
            }
        }
    }

    static func body<Receiver: HandledSocket, each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Void
    ) -> Body {
        { this, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            let ack = asked.emptyAck
            socket.handlerBegins()
            socket.shard.start {
                do {
                    try await handler(Receiver.receiver(socket), repeat each arguments)
                    if let ack { socket.handled(ack) }
                } catch {
                    this.report(error, for: socket)
                }
                socket.handlerEnded()
            }
        }
    }

    static func body<Receiver: HandledSocket, each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (Receiver, repeat each Argument) async throws -> Reply
    ) -> Body {
        { this, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            let arguments =
                (repeat try cursor.decode(
                    (each Argument).self, of: event.arguments, in: text, attachments: attachments, memory: socket.memory
                ))
            let ackID = asked.valueID
            socket.handlerBegins()
            socket.shard.start {
                do {
                    let reply = try await handler(Receiver.receiver(socket), repeat each arguments)
                    if let ackID { socket.acknowledge(ackID, with: reply) }
                } catch {
                    this.report(error, for: socket)
                }
                socket.handlerEnded()
            }
        }
    }
}

extension Socket {
    /// A handler without a value has ended; on the loop's thread.
    @inline(never)
    fileprivate func handled(_ ack: EmptyAck) {
        if ack.handlerEnded() { acknowledge(ack.id) }
    }

    /// What the loop keeps for the arguments of later messages; to be asked for on the loop's thread.
    var memory: JSONMemory { shard.memory }

    /// The argument for a handler that takes one. Most take a text, for which no list has to be walked.
    @inline(always)
    fileprivate func onlyArgument<Argument: Decodable>(
        of event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]
    ) throws -> Argument {
        if Argument.self == String.self, let argument = event.firstPlainText(in: text) {
            // Compiled for a String this is nothing, where `exactCast` would be a copy.
            return argument as! Argument
        }
        var cursor = ArgumentList.Cursor()
        return try cursor.decode(
            Argument.self, of: event.arguments, in: text, attachments: attachments, memory: memory)
    }
}

// Here, where they are inlined: to copy the acknowledgement would cost each message that asks for one.
extension AskedAck? {
    /// The id, for a handler that answers with a value.
    @inline(__always)
    var valueID: UInt64? {
        if case .value(let id)? = self { id } else { nil }
    }

    /// What a handler without a value counts down.
    @inline(__always)
    var emptyAck: EmptyAck? {
        if case .empty(let ack)? = self { ack } else { nil }
    }
}
