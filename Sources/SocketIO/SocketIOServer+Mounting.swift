public import EngineIO

// A server beside another one, whose port, TLS and HTTP it uses.

extension SocketIOServer {
    /// Serves without a port of its own, in the background: requests come from `respond(to:body:)`. JavaScript's `attach`.
    ///
    /// `waitUntilClosed`, `shutdown(draining:)` and `close` do what they do after `listen`; `configuration` counts from here on.
    ///
    /// - Throws: `ListenError` if the server runs already, or the system has no thread for it.
    public func start() async throws(ListenError) {
        transports.configuration = configuration.served
        try await transports.start()
    }

    /// Answers a request that another HTTP server has read: one below `io.configuration.engine.path`, or of `io.http`.
    ///
    /// ```swift
    /// let request = MountedRequest(
    ///     method: "GET", target: "/socket.io/?EIO=4&transport=polling", headers: [("Host", "chat.example")],
    ///     remoteAddress: "192.0.2.1")
    /// let response = try await io.respond(to: request)
    /// switch response.content {
    /// case .body(let body): for try await piece in body { print(response.status, piece.count) }
    /// case .upgrade(let connection): connection.receiveEnd()
    /// }
    /// ```
    ///
    /// Everything else is as for a client that came by itself: limits, times, hooks, logs. A long poll is answered when there is
    /// something to say. When the client leaves, cancel the task: that ends the request, and for a poll its session.
    ///
    /// What the server cannot answer is answered for it: 503 while it does not run or has no place, 400 where HTTP/1.1 has no
    /// words for the request. Also a server that listens can be asked.
    ///
    /// - Parameters:
    ///   - request: As the client sent it.
    ///   - body: The whole body.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func respond(
        to request: MountedRequest, body: [UInt8] = []
    ) async throws(CancellationError) -> MountedResponse {
        try await transports.respond(to: request, body: body)
    }

    /// The same for a body that is still to come: it is read as the server takes it, which has answered before its end where
    /// it needs no more of it.
    ///
    /// Of a request without `Content-Length` and `Transfer-Encoding` whose method needs no body, none is read.
    ///
    /// - Throws: What `body` throws before the answer begins, which ends the request; `CancellationError` if the task is
    ///   cancelled.
    public func respond<Body: AsyncSequence & Sendable>(
        to request: MountedRequest, body: Body
    ) async throws -> MountedResponse where Body.Element == [UInt8] {
        try await transports.respond(to: request, body: body)
    }
}
