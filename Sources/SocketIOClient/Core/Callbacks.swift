internal import SocketIOEvents

/// A handler of a moment in the life of a socket or a manager.
enum Callback<Argument: Sendable>: Sendable {
    case immediate(@Sendable (Argument) throws -> Void)
    case asynchronous(@Sendable (Argument) async throws -> Void)

    /// Calls the handler on the loop; what it throws is reported as `socket`'s.
    func call(_ argument: Argument, for socket: ClientSocket) {
        switch self {
        case .immediate(let handler):
            do {
                try handler(argument)
            } catch {
                socket.report(error)
            }
        case .asynchronous(let handler):
            socket.start { try await handler(argument) }
        }
    }
}

/// What is registered on a socket, apart from its events.
struct SocketCallbacks {
    var connect: [Callback<Void>] = []
    var connectError: [Callback<ClientError>] = []
    var disconnect: [Callback<ClientSocket.DisconnectReason>] = []
    var any: [@Sendable (String, [JSONValue]) -> Void] = []
    var anyOutgoing: [@Sendable (String, [JSONValue]) -> Void] = []
    /// End the sequences that `events` returned.
    var streams: [UInt64: @Sendable () -> Void] = [:]
}

/// What is registered on a manager.
struct ManagerCallbacks {
    var open: [@Sendable () -> Void] = []
    var error: [@Sendable (ClientError) -> Void] = []
    var ping: [@Sendable () -> Void] = []
    var reconnectAttempt: [@Sendable (Int) -> Void] = []
    var reconnect: [@Sendable (Int) -> Void] = []
    var reconnectError: [@Sendable (ClientError) -> Void] = []
    var reconnectFailed: [@Sendable () -> Void] = []
    var close: [@Sendable (ClientSocket.DisconnectReason) -> Void] = []
}
