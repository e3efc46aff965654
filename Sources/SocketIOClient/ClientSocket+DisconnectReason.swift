internal import SocketIOWire

extension ClientSocket {
    /// Why a socket is not connected any more; the raw values are the official client's words, which are others than the
    /// server's for the same end.
    public enum DisconnectReason: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
        /// The server disconnected this socket. It is not joined again before `connect`.
        case serverDisconnect = "io server disconnect"
        /// `disconnect` was called. The socket is not joined again before `connect`.
        case clientDisconnect = "io client disconnect"
        /// The server's heartbeat did not come in time.
        case pingTimeout = "ping timeout"
        /// The server closed the connection, or the network did: a WebSocket that breaks counts as closed.
        case transportClose = "transport close"
        /// A request of long-polling failed, or the server broke the rules of HTTP or WebSocket.
        case transportError = "transport error"
        /// The server sent something that is no packet.
        case parseError = "parse error"
        /// The manager was closed; for `ClientManager.onClose` also that the last socket left.
        case forcedClose = "forced close"

        public var description: String { rawValue }

        init(_ reason: EngineCloseReason) {
            switch reason {
            case .transportClose, .serverShuttingDown: self = .transportClose
            // The second one is for servers only.
            case .transportError, .slowConsumer: self = .transportError
            case .pingTimeout: self = .pingTimeout
            case .parseError: self = .parseError
            case .forcedClose: self = .forcedClose
            }
        }
    }
}
