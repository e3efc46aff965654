internal import NetLoop
public import SocketIOWire

/// One client of a WebSocket route, and what it sends: see `HTTPRoutes.webSocket`. Any task may use it.
///
/// ```swift
/// io.http.webSocket("/upper") { socket in
///     for await message in socket {
///         guard case .text(let text) = message else { return socket.close(.unsupportedData, reason: "texts only") }
///         try await socket.send(text.uppercased())
///     }
/// }
/// ```
///
/// Reading and sending go on side by side in a task group; when one ends, `cancelAll` ends the other:
///
/// ```swift
/// io.http.webSocket("/clock") { socket in
///     await withThrowingTaskGroup { group in
///         group.addTask {
///             while true {
///                 try await socket.send("\(Date.now)")
///                 try await Task.sleep(for: .seconds(1))
///             }
///         }
///         for await message in socket { print(message) }
///         group.cancelAll()
///     }
/// }
/// ```
///
/// Messages that nobody reads wait, up to `limits.webSocketInboxBytes`; then the client is not read any more, and has to wait
/// itself. It is known to have left only once what it sent is read up to there.
public final class WebSocket: Sendable, AsyncSequence {
    /// The request that asked for it: parameters of the path, query, headers, address.
    public let request: HTTPRequest
    /// What is spoken, of what the route and the client can; nil if they have nothing in common, or the client did not ask.
    public let subprotocol: String?
    private let plain: LoopBound<PlainWebSocket>

    init(_ plain: LoopBound<PlainWebSocket>, _ request: HTTPRequest, _ subprotocol: String?) {
        self.plain = plain
        self.request = request
        self.subprotocol = subprotocol
    }

    // MARK: Sending

    /// Sends a message after those before, once the client has taken all but 64 KiB of them.
    ///
    /// - Throws: `CancellationError` if the WebSocket is closed, or the task is cancelled while it waits; then it is not sent.
    public func send(_ message: WebSocketMessage) async throws(CancellationError) {
        if let isSent = plain.valueIfCurrent?.sendAtOnce(message) {
            guard isSent else { throw CancellationError() }
            return
        }
        let wait = TaskWait()
        let isSent = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                plain.loop.perform(WebSocketStep(plain, .send(message, continuation, wait)))
            }
        } onCancel: {
            wait.cancel()
            plain.loop.post(WebSocketStep(plain, .stopWaiting(wait)))
        }
        guard isSent else { throw CancellationError() }
    }

    /// Sends a text message.
    public func send(_ text: String) async throws(CancellationError) {
        try await send(.text(text))
    }

    /// Sends a binary message.
    public func send(_ bytes: [UInt8]) async throws(CancellationError) {
        try await send(.binary(bytes))
    }

    // MARK: Receiving

    /// The messages in the order sent, until the WebSocket is closed or the task that waits is cancelled.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        fileprivate let socket: WebSocket

        /// The next message; nil when no more will come.
        public func next() async -> WebSocketMessage? {
            await socket.receive()
        }
    }

    /// Reads what the client sends. Of several that read, each message goes to one.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(socket: self)
    }

    private func receive() async -> WebSocketMessage? {
        switch plain.valueIfCurrent?.takeNext() {
        case .message(let message): return message
        case .end: return nil
        case .nothingYet, nil: break
        }
        let wait = TaskWait()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                plain.loop.perform(WebSocketStep(plain, .receive(continuation, wait)))
            }
        } onCancel: {
            wait.cancel()
            plain.loop.post(WebSocketStep(plain, .stopWaiting(wait)))
        }
    }

    // MARK: Closing

    /// Closes after what was sent; who reads or sends gets no further. Without effect if it is closed already.
    ///
    /// - Parameters:
    ///   - code: Why, 1000 by default. One that is never sent (1005, 1006, 1015 and below 1000) becomes 1011.
    ///   - reason: The same in words for the client's log, cut at 123 bytes.
    public func close(_ code: WebSocketCloseCode = .normal, reason: String = "") {
        plain.loop.perform(WebSocketStep(plain, .close(code, reason: reason)))
    }

    /// How the client closed; nil while it has not, and if it left without saying so.
    public var clientClose: WebSocketClose? {
        get async {
            await withCheckedContinuation { continuation in
                plain.loop.perform(WebSocketStep(plain, .tellClose(continuation)))
            }
        }
    }
}

/// What a client says when it closes (RFC 6455 7.1.5).
public struct WebSocketClose: Sendable, Hashable {
    /// Nil if it said none.
    public let code: WebSocketCloseCode?
    /// In words; often empty.
    public let reason: String
}
