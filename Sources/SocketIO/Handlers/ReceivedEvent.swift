public import SocketIOEvents

/// An event that a client has sent, before its handlers are called: what a middleware of the socket decides about.
public struct ReceivedEvent: Sendable {
    /// Its name, as the client wrote it.
    public let name: String
    /// What came with it.
    public let arguments: EventArguments
    /// Whether the client asks for an acknowledgement; it gets none where the event is refused.
    public let isAckRequested: Bool
}

/// A middleware of a socket.
enum EventMiddleware: Sendable {
    case immediate(@Sendable (ReceivedEvent) throws -> Void)
    case asynchronous(@Sendable (ReceivedEvent) async throws -> Void)
}
