/// Why a session ended (Protocol.md 3.7).
package enum EngineCloseReason: Equatable, Sendable {
    /// The WebSocket closed, or the client said `1` over polling.
    case transportClose
    /// The connection failed, or the client broke the rules of its transport.
    case transportError
    case pingTimeout
    /// A packet that is none.
    case parseError
    /// This side closed it.
    case forcedClose
    case serverShuttingDown
}
