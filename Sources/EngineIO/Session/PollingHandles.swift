internal import NetLoop
internal import SocketIOWire

/// The connections that a session on polling has; what they mean is the business of its `EngineServerSession`.
final class PollingHandles {
    /// A request that waits for its answer.
    struct Request {
        let connection: HTTPConnection
        /// The origin of the page that it comes from, where the answer says whether that may read it.
        let origin: String?
        /// How the answer is compressed, if it is worth it.
        var coding: ContentCoding?
    }

    /// The GET that waits for something to say.
    var poll: Request?
    /// The POST whose body is arriving.
    var post: Request?
    /// The WebSocket that may become the session's transport.
    var probe: WebSocketConnection?
    /// Whether some of what waits must not be compressed.
    var holdsUncompressed = false
    /// What the client has still to fetch.
    var held: HeldBytes

    /// - Parameter total: What the loop holds for its clients.
    init(countedIn total: UnsentBytes) {
        held = HeldBytes(of: total)
    }
}
