package import SocketIOWire

/// What is done with a plain WebSocket at a path of its own.
package enum WebSocketRoute: Sendable {
    /// Sends every message back: what conformance suites talk to.
    case echo(WebSocketLimits)
}

final class WebSocketEcho: WebSocketDelegate {
    func received(text: Span<UInt8>, on webSocket: WebSocketConnection) {
        webSocket.send(text: Array(text))
    }

    func received(binary: [UInt8], on webSocket: WebSocketConnection) {
        webSocket.send(binary: binary)
    }

    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {}
}
