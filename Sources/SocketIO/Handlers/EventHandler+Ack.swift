internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// The shapes of a handler that answers with an `Ack`: synchronous or asynchronous. Its parameters are one pack: the
// arguments, and the `Ack`.

extension EventHandler {
    static func ackBody<Receiver: HandledSocket, each Parameter: Sendable>(
        _ handler: @escaping @Sendable (Receiver, repeat each Parameter) throws -> Void
    ) -> Body {
        { _, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            let answer = socket.answer(asked)
            try handler(
                Receiver.receiver(socket),
                repeat HandlerParameter.make((each Parameter).self, answer) {
                    try cursor.decode(
                        $0, of: event.arguments, in: text, attachments: attachments, memory: socket.memory)
                })
        }
    }

    static func ackBody<Receiver: HandledSocket, each Parameter: Sendable>(
        async handler: @escaping @Sendable (Receiver, repeat each Parameter) async throws -> Void
    ) -> Body {
        { this, socket, event, asked, text, attachments in
            var cursor = ArgumentList.Cursor()
            let answer = socket.answer(asked)
            let parameters =
                (repeat try HandlerParameter.make((each Parameter).self, answer) {
                    try cursor.decode(
                        $0, of: event.arguments, in: text, attachments: attachments, memory: socket.memory)
                })
            socket.handlerBegins()
            socket.shard.start {
                do {
                    try await handler(Receiver.receiver(socket), repeat each parameters)
                } catch {
                    this.report(error, for: socket)
                }
                socket.handlerEnded()
            }
        }
    }

    /// For a socket's own handler, which is not given the socket.
    static func ackBody<each Parameter: Sendable>(
        own handler: @escaping @Sendable (repeat each Parameter) throws -> Void
    ) -> Body {
        ackBody({ (_: Socket, parameters: repeat each Parameter) in try handler(repeat each parameters) })
    }

    /// For a socket's own handler, which is not given the socket.
    static func ackBody<each Parameter: Sendable>(
        asyncOwn handler: @escaping @Sendable (repeat each Parameter) async throws -> Void
    ) -> Body {
        ackBody(async: { (_: Socket, parameters: repeat each Parameter) in
            try await handler(repeat each parameters)
        })
    }
}

extension Socket: AckSender {
    /// What a handler answers with, which may outlive it; nil if the client did not ask.
    fileprivate func answer(_ asked: AskedAck?) -> AckAnswer? {
        asked.valueID.map { AckAnswer($0, of: self) }
    }
}
