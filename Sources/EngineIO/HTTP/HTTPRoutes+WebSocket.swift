internal import SocketIOWire

extension HTTPRoutes {
    /// Speaks WebSocket at `path`, without Socket.IO (RFC 6455).
    ///
    /// ```swift
    /// io.http.webSocket("/echo") { socket in
    ///     for await message in socket { try await socket.send(message) }
    /// }
    /// ```
    ///
    /// `handler` runs as a task on the connection's event loop, once for each client: do not block in it. Its client is closed
    /// with 1000 when it returns, and with 1011 when it throws, which is logged. When the client leaves, the messages end and the
    /// task is cancelled; when the server closes, so it is, and the client is closed with 1001. What a client may send and
    /// leave lying is limited (Protocol.md 6): one that breaks a rule is closed with 1002, 1007 or 1009, one that is silent for
    /// `pingInterval`, and has taken what it was sent, is pinged, and closed with 1008 if nothing comes within `pingTimeout`. What
    /// it has not taken `limits.closeTime` after the close is lost. Requests that ask for no WebSocket
    /// are those of `get`, or answered with 426. Not among what `onResponse` tells.
    ///
    /// The process ends, with words, where there is a WebSocket at that path already, and where a subprotocol is no name.
    ///
    /// - Parameters:
    ///   - path: From its slash on; `/rooms/:id` and `/files/*path` have parameters.
    ///   - subprotocols: What may be spoken, by name; a client that offers several gets the first that is among these, and one
    ///     that offers none of them gets none.
    ///   - cors: Which other origins' pages may connect; by default those of `io.configuration.cors`. Others get 403.
    ///   - maxMessageBytes: Bytes of one message, by default `maxHttpBufferSize`. Over it: 1009.
    ///   - handler: Speaks with one client.
    public func webSocket(
        _ path: String, subprotocols: [String] = [], cors: CORSPolicy? = nil, maxMessageBytes: Int? = nil,
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void
    ) {
        // Said where it is written, as in `register`; so is a second one below.
        for name in subprotocols where !WebSocketHandshake.isSubprotocol(name) {
            fatalError("\"\(name)\" is no name of a subprotocol of WebSocket")
        }
        let route = WebSocketRoute(
            pattern: Self.pattern(path), subprotocols: subprotocols, cors: cors, maxMessageBytes: maxMessageBytes,
            handler: handler)
        guard add(route) else { fatalError("\(path) has a WebSocket already: one handler speaks, not two") }
    }
}

extension HTTPResponse {
    /// RFC 9110 15.5.22: there is something, but only for who speaks WebSocket.
    static var webSocketRequired: HTTPResponse {
        var response = HTTPResponse.status(426)
        response.fields += [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
        return response
    }
}
