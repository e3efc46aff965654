internal import SocketIOEvents
internal import SocketIOWire

/// A check that a socket passes before it is connected.
enum Middleware: Sendable {
    case immediate(@Sendable (Socket) throws -> Void)
    case asynchronous(@Sendable (Socket) async throws -> Void)
}

/// A handler of a moment in a socket's life.
enum LifecycleHandler<Argument: Sendable>: Sendable {
    case immediate(@Sendable (Socket, Argument) throws -> Void)
    case asynchronous(@Sendable (Socket, Argument) async throws -> Void)

    /// Calls the handler on the socket's event loop.
    func call(_ socket: Socket, _ argument: Argument) {
        switch self {
        case .immediate(let handler):
            do {
                try handler(socket, argument)
            } catch {
                socket.report(error, in: .lifecycle)
            }
        case .asynchronous(let handler):
            socket.handlerBegins()
            socket.shard.start {
                do {
                    try await handler(socket, argument)
                } catch {
                    socket.report(error, in: .lifecycle)
                }
                socket.handlerEnded()
            }
        }
    }
}

/// A handler of every event.
typealias AnyEventHandler = @Sendable (Socket, String, [JSONValue]) -> Void
