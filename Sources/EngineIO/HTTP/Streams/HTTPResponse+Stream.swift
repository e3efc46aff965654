extension HTTPResponse {
    /// An answer whose body is written piece by piece, as its client takes it.
    ///
    /// ```swift
    /// io.http.get("/numbers") { _ in
    ///     .stream(contentType: "text/plain") { body in
    ///         for number in 1...1_000_000 { try await body.write("\(number)\n") }
    ///     }
    /// }
    /// ```
    ///
    /// The body is over when `write` returns. It runs as a task on the connection's event loop: do not block in it. The task
    /// is cancelled when the client leaves, and does not begin where nobody wants a body, as with `HEAD`. What it throws is
    /// logged, unless the client has left, and ends the connection, so that the client sees that something is missing: the
    /// status is with it by then. A client that takes too little is cut off (`limits.minimumSendRate`); so are streams that
    /// are under way 0.75 s after the server was told to close.
    ///
    /// Chunked, and to a client of HTTP/1.0 up to the end of the connection.
    public static func stream(
        status: Int = 200, contentType: String, _ write: @escaping @Sendable (ResponseStream) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, fields: [("Content-Type", contentType)], content: .written(WrittenBodyWork(write: write)))
    }

    /// The same; `note` is told what writing the body throws, and whether the task was cancelled.
    func noting(_ note: @escaping @Sendable (any Error, _ isCancelled: Bool) -> Void) -> HTTPResponse {
        guard case .written(var work) = content else { return self }
        let write = work.write
        work.write = { stream in
            do {
                try await write(stream)
            } catch {
                note(error, Task.isCancelled)
                throw error
            }
        }
        var response = self
        response.content = .written(work)
        return response
    }
}
