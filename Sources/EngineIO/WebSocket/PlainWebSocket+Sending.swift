internal import NetLoop
internal import SocketIOWire

// A message goes out when the client has taken most of those before; who sends waits for that.

extension PlainWebSocket {
    /// A message for which there is no room yet.
    typealias Writer = (
        message: WebSocketMessage, continuation: CheckedContinuation<Bool, Never>, wait: TaskWait
    )

    /// Unsent bytes of the connection from which on no further message is sent.
    private static let unsentLimit = 64 * 1024

    /// Sends `message` if there is room; nil if it has to wait, and false if the WebSocket is closed.
    func sendAtOnce(_ message: WebSocketMessage) -> Bool? {
        guard let webSocket else { return false }
        guard writers.isEmpty, hasRoom(webSocket) else { return nil }
        transmit(message, over: webSocket)
        return true
    }

    /// Sends `message` when there is room, or never; the continuation is told which.
    func send(_ message: WebSocketMessage, _ continuation: CheckedContinuation<Bool, Never>, _ wait: TaskWait) {
        if let isSent = sendAtOnce(message) { return continuation.resume(returning: isSent) }
        guard !wait.isCancelled else { return continuation.resume(returning: false) }
        writers.append((message, continuation, wait), id: wait.id)
    }

    func outputDrained(_ connection: TCPConnection) {
        sendWaiting()
    }

    private func sendWaiting() {
        while let webSocket, !writers.isEmpty, hasRoom(webSocket), let next = writers.removeFirst() {
            transmit(next.message, over: webSocket)
            next.continuation.resume(returning: true)
        }
    }

    private func hasRoom(_ webSocket: WebSocketConnection) -> Bool {
        guard webSocket.connection.bufferedByteCount < Self.unsentLimit else { return false }
        if budget.hasRest(at: loop.compactNow) { return true }
        if !isContinued {
            isContinued = true
            loop.post(Continuation(plain: LoopBound(self, on: loop)))
        }
        return false
    }

    private func transmit(_ message: WebSocketMessage, over webSocket: WebSocketConnection) {
        switch message {
        case .text(let text):
            let bytes = Array(text.utf8)
            lastHeld = bytes.capacity
            webSocket.send(text: bytes)
        case .binary(let bytes):
            lastHeld = bytes.capacity
            webSocket.send(binary: bytes)
        }
        budget.spend(message.byteCount)
    }

    private func continueNow() {
        isContinued = false
        budget.renew(at: loop.compactNow)
        sendWaiting()
    }

    private struct Continuation: LoopMessage {
        let plain: LoopBound<PlainWebSocket>

        func deliver(on loop: EventLoop) {
            plain.value.continueNow()
        }
    }
}
