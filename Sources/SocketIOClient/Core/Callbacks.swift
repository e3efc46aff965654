internal import NetLoop
internal import SocketIOEvents

/// A handler of a moment in the life of a socket.
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

/// The end of what `onConnect` was called for.
struct Disconnection: Sendable {
    let reason: ClientSocket.DisconnectReason
    /// What went wrong, if the reason is that something did.
    let error: ClientError?
}

/// What is registered on a socket, apart from its events.
struct SocketCallbacks {
    typealias AnyHandler = @Sendable (String, [JSONValue]) -> Void

    /// Returns what is no longer held, to be let go of once nothing is being changed: it may run code of the application.
    typealias Change = @Sendable (inout SocketCallbacks) -> [(any Sendable)?]

    var connect = Registrations<Callback<Void>>()
    var connectError = Registrations<Callback<ClientError>>()
    var disconnect = Registrations<Callback<Disconnection>>()
    var any = Registrations<AnyHandler>()
    var anyOutgoing = Registrations<AnyHandler>()
    /// End the sequences that `events` returned.
    var streams: [UInt64: @Sendable () -> Void] = [:]

    mutating func remove(_ id: UInt64) -> [(any Sendable)?] {
        [connect.remove(id), connectError.remove(id), disconnect.remove(id), any.remove(id), anyOutgoing.remove(id)]
    }
}

/// What is registered on a manager.
struct ManagerCallbacks {
    /// As `SocketCallbacks.Change`.
    typealias Change = @Sendable (inout ManagerCallbacks) -> [(any Sendable)?]

    var open = Registrations<@Sendable () -> Void>()
    var upgrade = Registrations<@Sendable () -> Void>()
    var error = Registrations<@Sendable (ClientError) -> Void>()
    var ping = Registrations<@Sendable () -> Void>()
    var reconnectAttempt = Registrations<@Sendable (Int) -> Void>()
    var reconnect = Registrations<@Sendable (Int) -> Void>()
    var reconnectError = Registrations<@Sendable (ClientError) -> Void>()
    var reconnectFailed = Registrations<@Sendable () -> Void>()
    var close = Registrations<@Sendable (Disconnection) -> Void>()

    mutating func remove(_ id: UInt64) -> [(any Sendable)?] {
        [
            open.remove(id), upgrade.remove(id), error.remove(id), ping.remove(id), reconnectAttempt.remove(id),
            reconnect.remove(id), reconnectError.remove(id), reconnectFailed.remove(id), close.remove(id),
        ]
    }
}
