package import SocketIOWire

/// What is done with a plain WebSocket at a path of its own.
package enum WebSocketRoute: Sendable {
    /// Sends every message back: what conformance suites talk to.
    case echo(WebSocketLimits)
}

final class WebSocketEcho: WebSocketDelegate {
    func receive(_ bytes: inout MutableSpan<UInt8>, on webSocket: WebSocketConnection) {
        webSocket.read(&bytes) { text in
            webSocket.send(text: Array(text))
        } binary: { message in
            webSocket.send(binary: message)
        }
    }

    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {}
}
