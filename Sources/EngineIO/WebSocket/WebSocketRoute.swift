internal import NetLoop
package import SocketIOWire

/// What is done with a plain WebSocket at a path of its own.
package enum WebSocketRoute: Sendable {
    /// Sends every message back: what conformance suites talk to.
    case echo(WebSocketLimits)
}

final class WebSocketEcho: WebSocketDelegate {
    /// Nil once it has ended.
    var webSocket: WebSocketConnection?

    var stallTime: Duration? { webSocket?.settings.stallTime }
    var outputLimit: Int { webSocket?.settings.outputLimit ?? .max }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard let webSocket else { return }
        let end = webSocket.read(&bytes) { text in
            webSocket.send(text: Array(text))
        } binary: { message in
            webSocket.send(binary: message)
        }
        if let end { webSocketEnded(webSocket, because: end) }
    }

    func webSocket(on connection: TCPConnection) -> WebSocketConnection? { webSocket }

    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {
        self.webSocket = nil
    }
}
