internal import SocketIOWire

/// Server-sent events on their way to one client: see `HTTPRoutes.events`. Any task may use it.
public struct EventStream: Sendable {
    private let body: ResponseStream

    init(_ body: ResponseStream) {
        self.body = body
    }

    /// Sends an event, once the client has taken all but 64 KiB of those before (WHATWG HTML 9.2).
    ///
    /// - Parameters:
    ///   - data: What the page reads as `event.data`; its lines, however they end, arrive as lines that end with `\n`.
    ///   - event: The name that `addEventListener` takes; by default `message`, which `onmessage` gets.
    ///   - id: What the client says when it comes back, for `HTTPRequest.lastEventID`. An empty one makes it forget the last.
    ///   - retry: After how long the client comes back when the connection ends; from then on, and in whole milliseconds.
    /// - Throws: `CancellationError` if the connection is gone, and `EncodingError` if `event` or `id` has a line end or a NUL,
    ///   with which the client would read something else.
    public func send(
        _ data: String, event: String? = nil, id: String? = nil, retry: Duration? = nil
    ) async throws {
        try await send(Array(data.utf8), event: event, id: id, retry: retry)
    }

    /// Sends an event whose data is a value as JSON; otherwise the same.
    ///
    /// - Throws: What encoding the value throws, too; bytes inside it cannot be written as JSON.
    public func send(
        json value: some Encodable & Sendable, event: String? = nil, id: String? = nil, retry: Duration? = nil
    ) async throws {
        let data = try HTTPResponse.json(value).body
        try await send(data, event: event, id: id, retry: retry)
    }

    private func send(_ data: [UInt8], event: String?, id: String?, retry: Duration?) async throws {
        for field in [event, id] {
            guard let field, !ServerSentEvent.isField(field) else { continue }
            throw EncodingError.invalidValue(
                field,
                EncodingError.Context(
                    codingPath: [],
                    debugDescription: "a line end or a NUL has no place in the name or the id of an event"))
        }
        let writer = ByteWriter()
        ServerSentEvent.append(data.span, event: event, id: id, retry: retry, to: writer)
        try await body.write(writer.array())
    }
}
