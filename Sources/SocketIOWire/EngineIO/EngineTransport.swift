/// How a session's packets travel.
public enum EngineTransport: String, Sendable, Hashable {
    /// HTTP requests, each held open until there is something to say: gets through everything.
    case polling
    /// One WebSocket.
    case webSocket = "websocket"
}
