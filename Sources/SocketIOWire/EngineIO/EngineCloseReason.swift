/// Why a session ended (Protocol.md 3.7); the raw values are the official server's words, where it has any.
public enum EngineCloseReason: String, Sendable, CustomStringConvertible {
    /// The WebSocket closed, or the client said `1` over polling.
    case transportClose = "transport close"
    /// The connection failed, or the client broke the rules of its transport.
    case transportError = "transport error"
    /// The client does not take what is sent to it: too much waits for it, or it has taken nothing for too long. The official
    /// server has no limit that could say so.
    case slowConsumer = "slow consumer"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent a packet that is none.
    case parseError = "parse error"
    /// This side closed it.
    case forcedClose = "forced close"
    /// `server shutting down`: the server was closed.
    case serverShuttingDown = "server shutting down"

    public var description: String { rawValue }
}

extension EngineCloseReason {
    /// What a WebSocket is closed with (Protocol.md 1.5).
    var closeCode: WebSocketCloseCode {
        switch self {
        case .transportClose, .forcedClose: .normal
        case .serverShuttingDown: .goingAway
        case .transportError, .parseError: .protocolError
        case .pingTimeout, .slowConsumer: .policyViolation
        }
    }
}
