internal import NetLoop
internal import SocketIOEvents

/// Something registered, and what it is known by.
struct Registered<Handler: Sendable>: Sendable {
    let id = RegistrationID.next()
    let handler: Handler

    init(_ handler: Handler) {
        self.handler = handler
    }
}

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

    var connect: [Registered<Callback<Void>>] = []
    var connectError: [Registered<Callback<ClientError>>] = []
    var disconnect: [Registered<Callback<Disconnection>>] = []
    var any: [Registered<AnyHandler>] = []
    var anyOutgoing: [Registered<AnyHandler>] = []
    /// End the sequences that `events` returned.
    var streams: [UInt64: @Sendable () -> Void] = [:]

    mutating func remove(_ id: UInt64) {
        connect.removeAll { $0.id == id }
        connectError.removeAll { $0.id == id }
        disconnect.removeAll { $0.id == id }
        any.removeAll { $0.id == id }
        anyOutgoing.removeAll { $0.id == id }
    }
}

/// What is registered on a manager.
struct ManagerCallbacks {
    var open: [Registered<@Sendable () -> Void>] = []
    var upgrade: [Registered<@Sendable () -> Void>] = []
    var error: [Registered<@Sendable (ClientError) -> Void>] = []
    var ping: [Registered<@Sendable () -> Void>] = []
    var reconnectAttempt: [Registered<@Sendable (Int) -> Void>] = []
    var reconnect: [Registered<@Sendable (Int) -> Void>] = []
    var reconnectError: [Registered<@Sendable (ClientError) -> Void>] = []
    var reconnectFailed: [Registered<@Sendable () -> Void>] = []
    var close: [Registered<@Sendable (Disconnection) -> Void>] = []

    mutating func remove(_ id: UInt64) {
        open.removeAll { $0.id == id }
        upgrade.removeAll { $0.id == id }
        error.removeAll { $0.id == id }
        ping.removeAll { $0.id == id }
        reconnectAttempt.removeAll { $0.id == id }
        reconnect.removeAll { $0.id == id }
        reconnectError.removeAll { $0.id == id }
        reconnectFailed.removeAll { $0.id == id }
        close.removeAll { $0.id == id }
    }
}
