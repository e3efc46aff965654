internal import SocketIOWire

/// What an application speaks over the WebSockets at one path.
struct WebSocketRoute: Sendable, CustomStringConvertible {
    let pattern: RoutePattern
    /// What may be spoken, by name.
    let subprotocols: [String]
    /// Which other origins' pages may connect; nil for those that Engine.IO lets.
    let cors: CORSPolicy?
    /// Nil for as much as a message of Engine.IO may have.
    let maxMessageBytes: Int?
    let handler: @Sendable (WebSocket) async throws -> Void

    var description: String { "WebSocket \(pattern)" }
}

extension EngineShard {
    /// Answers a request to switch to WebSocket at the path of a route.
    func begin(_ route: WebSocketRoute, _ head: HTTPRequestHead, on connection: HTTPConnection) {
        guard isAllowedOrigin(head, on: connection.connection, by: route.cors) else {
            return connection.respond(.webSocketRefused("Forbidden", status: 403), closing: true)
        }
        let request = HTTPRequest(head: head, on: connection).matching(route.pattern)
        let plain = PlainWebSocket(route, on: self)
        var subprotocol: String?
        let webSocket = connection.upgrade(head, settings: settings(for: route), delegate: plain) {
            head throws(HTTPFailure) in
            subprotocol = try WebSocketHandshake.subprotocol(head, among: route.subprotocols)
            return subprotocol
        }
        if let webSocket { plain.begin(webSocket, request, subprotocol) }
    }

    private func settings(for route: WebSocketRoute) -> WebSocketSettings {
        guard let bytes = route.maxMessageBytes else { return binarySettings }
        let limits = WebSocketLimits(messageBytes: bytes, fragments: configuration.limits.fragmentsPerMessage)
        return WebSocketSettings(
            limits: limits, closeTime: binarySettings.closeTime,
            stallTime: binarySettings.stallTime)
    }
}
