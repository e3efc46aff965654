internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// The shapes of a handler that answers with an `Ack`: synchronous or asynchronous. Its parameters are one pack: the
// arguments, and the `Ack`.

extension EventHandler {
    static func ackBody<each Parameter: Sendable>(
        _ handler: @escaping @Sendable (repeat each Parameter) throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let answer = socket.answer(event.asked)
            try handler(
                repeat HandlerParameter.make((each Parameter).self, answer) {
                    try cursor.decode(
                        $0, of: event.arguments, in: text, attachments: event.attachments, memory: socket.memory)
                })
        }
    }

    static func ackBody<each Parameter: Sendable>(
        async handler: @escaping @Sendable (repeat each Parameter) async throws -> Void
    ) -> Body {
        { socket, event, text in
            var cursor = ArgumentList.Cursor()
            let answer = socket.answer(event.asked)
            let parameters =
                (repeat try HandlerParameter.make((each Parameter).self, answer) {
                    try cursor.decode(
                        $0, of: event.arguments, in: text, attachments: event.attachments, memory: socket.memory)
                })
            socket.start { try await handler(repeat each parameters) }
        }
    }
}

extension ClientSocket: AckSender {
    /// What a handler answers with, which may outlive it; nil if the server did not ask.
    fileprivate func answer(_ asked: AskedAck?) -> AckAnswer? {
        asked?.valueID.map { AckAnswer($0, of: self) }
    }
}
