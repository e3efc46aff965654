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
            let answer = socket.answer(event)
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
            let answer = socket.answer(event)
            let parameters =
                (repeat try HandlerParameter.make((each Parameter).self, answer) {
                    try cursor.decode(
                        $0, of: event.arguments, in: text, attachments: event.attachments, memory: socket.memory)
                })
            socket.start { try await handler(repeat each parameters) }
        }
    }
}

extension ClientSocket {
    /// What a handler answers with, which may outlive it; nil if the server did not ask.
    fileprivate func answer(_ event: IncomingEvent) -> AckAnswer? {
        event.asked?.valueID.map { AckAnswer($0, of: JoinedSocket(socket: self, join: event.join)) }
    }
}

/// A socket in one of its connections.
private struct JoinedSocket: AckSender {
    let socket: ClientSocket
    let join: Int

    func acknowledge<each Value: Encodable & Sendable>(_ id: UInt64, values: repeat each Value) {
        socket.acknowledge(id, in: join, values: repeat each values)
    }

    func report(_ error: any Error) {
        socket.report(error)
    }
}
