internal import NetLoop

/// The connections that a session on polling has; what they mean is the business of its `EngineServerSession`.
final class PollingHandles {
    /// The GET that waits for something to say.
    var poll: HTTPConnection?
    /// The POST whose body is arriving.
    var post: HTTPConnection?
    /// The WebSocket that may become the session's transport.
    var probe: WebSocketConnection?
    /// What the client has still to fetch.
    var held: HeldBytes

    /// - Parameter total: What the loop holds for its clients.
    init(countedIn total: UnsentBytes) {
        held = HeldBytes(of: total)
    }
}
