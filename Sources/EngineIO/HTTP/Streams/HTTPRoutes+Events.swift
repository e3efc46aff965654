internal import SocketIOWire

extension HTTPRoutes {
    /// Answers `GET` of `path` with server-sent events, for `EventSource` in a page (WHATWG HTML 9.2).
    ///
    /// ```swift
    /// io.http.events("/progress") { request, stream in
    ///     let last = request.lastEventID.flatMap { Int($0) } ?? -1
    ///     for percent in 0...100 where percent > last {
    ///         try await stream.send("\(percent) %", event: "progress", id: "\(percent)")
    ///         try await Task.sleep(for: .milliseconds(100))
    ///     }
    /// }
    /// ```
    ///
    /// The events are over when `handler` returns, and when the server closes; `EventSource` then comes back by itself. One
    /// that is to stay away has to be answered with 204: use `get` with `HTTPResponse.events`, and decide before. Otherwise as
    /// with `HTTPResponse.stream`: the task of a client that leaves is cancelled, and sending waits for one that is slow.
    ///
    /// - Parameters:
    ///   - path: From its slash on; `/users/:id` and `/files/*path` have parameters.
    ///   - cors: Which other origins' pages may read the events; none by default.
    ///   - heartbeat: After how long without an event a comment is sent, which clients ignore: it keeps proxies from ending the
    ///     connection, and finds out whether the client is still there. 15 seconds by default.
    ///   - handler: Sends the events.
    public func events(
        _ path: String, cors: CORSPolicy? = nil, heartbeat: Duration = .seconds(15),
        _ handler: @escaping @Sendable (HTTPRequest, EventStream) async throws -> Void
    ) {
        get(path, cors: cors) { request in
            .events(heartbeat: heartbeat) { stream in try await handler(request, stream) }
        }
    }
}

extension HTTPResponse {
    /// An answer of server-sent events: for a route that decides first whether there are any.
    ///
    /// ```swift
    /// io.http.get("/countdown") { request in
    ///     let last = request.lastEventID.flatMap { Int($0) } ?? 11
    ///     // `EventSource` does not come back from this one.
    ///     guard (2...11).contains(last) else { return .status(204) }
    ///     return .events { stream in
    ///         for number in (1..<last).reversed() { try await stream.send("\(number)", id: "\(number)") }
    ///     }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - heartbeat: After how long without an event a comment is sent. 15 seconds by default.
    ///   - send: Sends the events, which are over when it returns.
    public static func events(
        heartbeat: Duration = .seconds(15), _ send: @escaping @Sendable (EventStream) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(
            fields: [
                ("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"),
                // nginx would keep events until there are enough of them.
                ("X-Accel-Buffering", "no"),
            ],
            content: .written(
                WrittenBodyWork(keepAlive: (ServerSentEvent.comment, heartbeat), endsWithServer: true) { stream in
                    try await send(EventStream(stream))
                }))
    }
}

extension HTTPRequest {
    /// The id of the last event that a client of server-sent events has had, when it comes back; nil for one that comes first.
    public var lastEventID: String? { headers["last-event-id"].flatMap { $0.isEmpty ? nil : $0 } }
}
