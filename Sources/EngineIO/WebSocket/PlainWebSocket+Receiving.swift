internal import NetLoop
internal import SocketIOWire

// What a client sends is taken apart up to a limit, so that pings are answered and its close is seen whatever the
// application does; then it is not read until the application has read some of it.

extension PlainWebSocket {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        heartbeat.hear(now: loop.compactNow)
        var cursor = 0
        if !inbox.hasRest { read(&bytes, from: &cursor) }
        guard let webSocket else { return }
        inbox.appendRest(bytes.span.extracting(cursor..<bytes.count))
        countInbox()
        webSocket.connection.setReading(!inbox.hasRest)
    }

    /// Takes apart what there is room for.
    private func read(_ bytes: inout MutableSpan<UInt8>, from cursor: inout Int) {
        while let webSocket, cursor < bytes.count, !isFull {
            let end = webSocket.readNext(&bytes, from: &cursor) { text in
                take(.text(String(validating: text) ?? ""))
            } binary: { message in
                take(.binary(message))
            } closed: { code, reason in
                noteClose(code, reason)
            }
            if let end { return webSocketEnded(webSocket, because: end) }
        }
    }

    private func take(_ message: WebSocketMessage) {
        if let reader = readers.removeFirst() { return reader.continuation.resume(returning: message) }
        inbox.append(message)
        countInbox()
    }

    private var isFull: Bool {
        !inbox.isEmpty
            && (inbox.byteCount >= shard.configuration.limits.webSocketInboxBytes || shard.inboxes.isFull)
    }

    /// What there is to read.
    enum Available {
        case message(WebSocketMessage)
        /// No more will come.
        case end
        /// The next message has to be waited for.
        case nothingYet
    }

    func takeNext() -> Available {
        guard let message = inbox.removeFirst() else { return webSocket == nil ? .end : .nothingYet }
        readRest()
        countInbox()
        return .message(message)
    }

    func receive(_ continuation: CheckedContinuation<WebSocketMessage?, Never>, _ wait: TaskWait) {
        switch takeNext() {
        case .message(let message): continuation.resume(returning: message)
        case .nothingYet where !wait.isCancelled: readers.append((continuation, wait), id: wait.id)
        case .end, .nothingYet: continuation.resume(returning: nil)
        }
    }

    /// Goes on where there was no room.
    private func readRest() {
        guard inbox.hasRest, !isFull, let webSocket else { return }
        var (bytes, cursor) = inbox.takeRest()
        var span = bytes.mutableSpan
        read(&span, from: &cursor)
        // It may have had the client's close frame.
        guard self.webSocket != nil else { return }
        inbox.putBack(bytes, from: cursor)
        webSocket.connection.setReading(!inbox.hasRest)
    }

    /// Tells the loop what is held here, for as long as the client is there.
    func countInbox() {
        inbox.count(in: shard.inboxes, isOpen: webSocket != nil)
    }
}
