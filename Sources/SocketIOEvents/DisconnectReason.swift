package import SocketIOWire

/// Why a socket was disconnected; the raw values are the official server's words, where it has any.
public enum DisconnectReason: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// The connection was closed, for instance because the user left the page.
    case transportClose = "transport close"
    /// The connection failed, or the client broke the rules of its transport.
    case transportError = "transport error"
    /// The client does not take what is sent to it: more than `Limits.bufferedBytes` waits for it, or it has taken nothing for
    /// `Limits.stallTime`, or it was the one with the most when all together had too much (`Limits.bufferedBytesTotal`).
    case slowConsumer = "slow consumer"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent something that is no packet.
    case parseError = "parse error"
    /// The server closed the connection, for instance after an invalid Socket.IO packet.
    case forcedClose = "forced close"
    /// The client called `socket.disconnect()`.
    case clientNamespaceDisconnect = "client namespace disconnect"
    /// The server called `socket.disconnect()`.
    case serverNamespaceDisconnect = "server namespace disconnect"
    /// The server is being closed.
    case serverShuttingDown = "server shutting down"

    public var description: String { rawValue }
}

extension DisconnectReason {
    package init(_ reason: EngineCloseReason) {
        switch reason {
        case .transportClose: self = .transportClose
        case .transportError: self = .transportError
        case .slowConsumer: self = .slowConsumer
        case .pingTimeout: self = .pingTimeout
        case .parseError: self = .parseError
        case .forcedClose: self = .forcedClose
        case .serverShuttingDown: self = .serverShuttingDown
        }
    }
}
