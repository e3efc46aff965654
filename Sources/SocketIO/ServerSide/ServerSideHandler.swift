internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

/// What a closure given to `onServerSideEmit` became.
final class ServerSideHandler: Sendable {
    /// What is left to do once the arguments are decoded, on the loop.
    enum Work: Sendable {
        /// What the closure returned; nil for nothing.
        case done(EventArguments?)
        case begun(@Sendable () async throws -> EventArguments?)
    }

    typealias Body = @Sendable (EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]]) throws -> Work

    let id = RegistrationID.next()
    let name: [UInt8]
    /// Whether what the closure returns is an answer.
    let replies: Bool
    private let body: Body

    init(of name: [UInt8], replies: Bool, _ body: @escaping Body) {
        self.name = name
        self.replies = replies
        self.body = body
    }

    func call(
        _ event: EventPayload, _ text: Span<UInt8>, _ attachments: [[UInt8]], _ ack: ServerSideAck?,
        _ permit: InquiryPermit, in context: ServerContext, on loop: EventLoop
    ) {
        let name = name
        do {
            switch try body(event, text, attachments) {
            case .done(let reply): ack?.handlerEnded(with: reply)
            case .begun(let operation):
                loop.start {
                    do {
                        let reply = try await operation()
                        ack?.handlerEnded(with: reply)
                    } catch {
                        context.logServerSideFailure(error, name)
                    }
                    withExtendedLifetime(permit) {}
                }
            }
        } catch {
            context.logServerSideFailure(error, name)
        }
    }
}

// The four shapes of a handler: synchronous or asynchronous, with or without a reply.
extension ServerSideHandler {
    static func body<each Argument: Decodable & Sendable>(
        _ handler: @escaping @Sendable (repeat each Argument) throws -> Void
    ) -> Body {
        { event, text, attachments in
            var arguments = Arguments(of: event)
            try handler(repeat arguments.next((each Argument).self, text, attachments))
            return .done(nil)
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        replying handler: @escaping @Sendable (repeat each Argument) throws -> Reply
    ) -> Body {
        { event, text, attachments in
            var arguments = Arguments(of: event)
            return .done(
                try EventArguments(encoding: handler(repeat arguments.next((each Argument).self, text, attachments))))
        }
    }

    static func body<each Argument: Decodable & Sendable>(
        async handler: @escaping @Sendable (repeat each Argument) async throws -> Void
    ) -> Body {
        { event, text, attachments in
            var cursor = Arguments(of: event)
            let arguments = (repeat try cursor.next((each Argument).self, text, attachments))
            return .begun {
                try await handler(repeat each arguments)
                return nil
            }
        }
    }

    static func body<each Argument: Decodable & Sendable, Reply: Encodable & Sendable>(
        asyncReplying handler: @escaping @Sendable (repeat each Argument) async throws -> Reply
    ) -> Body {
        { event, text, attachments in
            var cursor = Arguments(of: event)
            let arguments = (repeat try cursor.next((each Argument).self, text, attachments))
            return .begun { try EventArguments(encoding: await handler(repeat each arguments)) }
        }
    }

    /// Walks an event's arguments.
    private struct Arguments {
        private let list: ArgumentList
        private var cursor = ArgumentList.Cursor()

        init(of event: EventPayload) {
            list = event.arguments
        }

        mutating func next<Argument: Decodable>(
            _ type: Argument.Type, _ text: Span<UInt8>, _ attachments: [[UInt8]]
        ) throws -> Argument {
            try cursor.decode(type, of: list, in: text, attachments: attachments, memory: JSONMemory())
        }
    }
}

extension EventArguments {
    /// One value.
    fileprivate init<Value: Encodable>(encoding value: Value) throws {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        try JSONCoding.encode(value, into: writer, attachments: &attachments)
        self.init(count: 1, json: writer.array(), attachments: attachments)
    }
}

extension Namespace {
    /// Another node has sent an event to the servers; on the namespace's loop.
    ///
    /// - Parameter ack: What that node asks for.
    func handle(_ event: ClusterEvent, asking ack: ServerSideAck?, on loop: EventLoop) {
        let text = Array(event.json)
        var limits = PacketLimits()
        limits.jsonDepth = JSONCoding.maximumDepth
        // It was checked when it was made.
        guard let payload = try? EventPayload(parsingEvent: text.span, from: 0, limits: limits) else { return }
        let name = Array(text[payload.name])
        let handlers = registered.serverSide(of: payload.nameHasEscapes ? JSONString.unescape(name.span) : name)
        guard !handlers.isEmpty else {
            return context.logger.log(
                at: .debug, "server-side event '\(String(decoding: name, as: UTF8.self))' has no handler")
        }
        guard let permit = permit() else { return }
        // The first that replies answers; the others' values are nobody's.
        ack?.expect(handlers.contains(where: \.replies) ? 0 : handlers.count)
        for handler in handlers {
            handler.call(payload, text.span, event.attachments, ack, permit, in: context, on: loop)
        }
    }
}
