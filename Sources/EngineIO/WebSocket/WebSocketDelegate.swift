package import NetLoop
package import SocketIOWire

/// Who uses a WebSocket: the handler of its connection until either side closes, which reads what arrives with
/// `WebSocketConnection.read`.
package protocol WebSocketDelegate: ConnectionHandler {
    /// The WebSocket on `connection`, unless it is not used any more.
    func webSocket(on connection: TCPConnection) -> WebSocketConnection?
    /// The last call: the connection is gone or going, not by `close`.
    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd)
}

extension WebSocketDelegate {
    package func peerFinished(_ connection: TCPConnection) {
        let webSocket = webSocket(on: connection)
        connection.finish()
        if let webSocket { webSocketEnded(webSocket, because: .closedByPeer) }
    }

    package func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        guard let webSocket = webSocket(on: connection) else { return }
        switch reason {
        case .closedByPeer: webSocketEnded(webSocket, because: .closedByPeer)
        case .failed, .insecure: webSocketEnded(webSocket, because: .broken)
        case .outputLimit: webSocketEnded(webSocket, because: .unread)
        }
    }
}

/// How a WebSocket ended.
package enum WebSocketEnd: Sendable {
    /// The peer closed it, with or without a close frame.
    case closedByPeer
    /// The peer broke RFC 6455 or a limit; it was told so.
    case failed(WebSocketFailure)
    /// The connection broke.
    case broken
    /// The peer did not take what waited for it: too much, or for too long.
    case unread
}
