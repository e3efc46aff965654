internal import NetLoop
internal import SocketIOWire

extension HTTPRoutes {
    /// Answers a request while its body arrives.
    public typealias StreamHandler = @Sendable (HTTPRequest, HTTPRequestBody) async throws -> HTTPResponse

    /// Answers `POST` to `path`, and reads the body as it arrives: for uploads.
    ///
    /// ```swift
    /// io.http.post("/measure", maxBodyBytes: 1_000_000_000) { request, body in
    ///     var count = 0
    ///     for try await piece in body { count += piece.count }
    ///     return .text("\(count) bytes")
    /// }
    /// ```
    ///
    /// The handler begins with the request's head; `request.body` is empty. A client sends as fast as it is read: where 64 KiB
    /// and what came with them wait, it waits, too. Each 64 KiB of the body, and what is left at its end, may take
    /// `limits.requestBodyTime`. When the client leaves, is too slow (408) or sends more than it may (413), the task is cancelled
    /// and reading throws. Once the handler answers, what is left of the body is not read, and the connection ends.
    /// Otherwise as with the other `post`. Forms with files (`multipart/form-data`) are not taken apart.
    ///
    /// - Parameters:
    ///   - path: From its slash on; `/users/:id` and `/files/*path` have parameters.
    ///   - cors: Which other origins' pages may read what it answers; none by default.
    ///   - maxBodyBytes: How long the body may be. A longer one is 413, before `handler` begins where the client says it.
    ///   - handler: Reads the body and answers.
    public func post(
        _ path: String, cors: CORSPolicy? = nil, maxBodyBytes: Int, _ handler: @escaping StreamHandler
    ) {
        on("POST", path, cors: cors, maxBodyBytes: maxBodyBytes, handler)
    }

    /// Answers `PUT` of `path`, and reads the body as it arrives; otherwise as `post(_:cors:maxBodyBytes:_:)`.
    public func put(
        _ path: String, cors: CORSPolicy? = nil, maxBodyBytes: Int, _ handler: @escaping StreamHandler
    ) {
        on("PUT", path, cors: cors, maxBodyBytes: maxBodyBytes, handler)
    }

    /// Answers any method of `path` but `GET` and `HEAD`, and reads the body as it arrives; otherwise as
    /// `post(_:cors:maxBodyBytes:_:)`.
    ///
    /// The process ends, with words, where there is such a route already, and where `method` or `path` is none.
    public func on(
        _ method: String, _ path: String, cors: CORSPolicy? = nil, maxBodyBytes: Int,
        _ handler: @escaping StreamHandler
    ) {
        // Said where it is written, as in `register`.
        guard method != "GET", method != "HEAD" else { fatalError("\(method) has no body that could be read") }
        register(method, path, cors: cors, .streamed(limit: max(maxBodyBytes, 0), handler))
    }
}

extension EngineShard {
    /// Answers a request whose body is yet to come.
    func begin(_ route: Route, _ head: HTTPRequestHead, on connection: HTTPConnection) {
        guard case .streamed(let limit, let handler) = route.work else { return }
        let request = HTTPRequest(head: head, on: connection).matching(route.pattern)
        if case .fixed(let count) = head.bodyLength, count > limit {
            return connection.respond(.status(413).adding(route.cors, for: request), closing: true)
        }
        let body = ArrivingBody(from: connection, on: loop)
        connection.streamBody(of: head, to: body, limit: limit)
        answer(request, by: route, body, on: connection) { try await handler(request, $0) }
    }

    private func answer(
        _ request: HTTPRequest, by route: Route, _ body: ArrivingBody, on connection: HTTPConnection,
        _ work: @escaping @Sendable (HTTPRequestBody) async throws -> HTTPResponse
    ) {
        let (bound, arriving) = (LoopBound(connection, on: loop), LoopBound(body, on: loop))
        let (log, logger, loop) = (log, configuration.logger, loop)
        let operation: @Sendable () async -> Void = {
            let response = await Self.response(of: route, to: request, log, logger, loop) {
                try await work(HTTPRequestBody(arriving))
            }
            bound.value.respond(response.found(as: FileRequest(request)).adding(route.cors, for: request))
            arriving.value.lose()
            bound.value.continueInput()
        }
        body.task = loop.startTask(operation)
    }
}
