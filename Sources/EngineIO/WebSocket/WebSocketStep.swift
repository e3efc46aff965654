internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// What a task asks of a WebSocket that lives on a loop.
struct WebSocketStep: LoopMessage {
    enum Action: Sendable {
        case send(WebSocketMessage, CheckedContinuation<Bool, Never>, TaskWait)
        case receive(CheckedContinuation<WebSocketMessage?, Never>, TaskWait)
        /// The task that waits is cancelled.
        case stopWaiting(TaskWait)
        case close(WebSocketCloseCode, reason: String)
        case tellClose(CheckedContinuation<WebSocketClose?, Never>)
    }

    private let plain: LoopBound<PlainWebSocket>
    private let action: Action

    init(_ plain: LoopBound<PlainWebSocket>, _ action: Action) {
        self.plain = plain
        self.action = action
    }

    func deliver(on loop: EventLoop) {
        let plain = plain.value
        switch action {
        case .send(let message, let continuation, let wait): plain.send(message, continuation, wait)
        case .receive(let continuation, let wait): plain.receive(continuation, wait)
        case .stopWaiting(let wait): plain.stopWaiting(wait)
        case .close(let code, let reason): plain.close(code, reason: reason)
        case .tellClose(let continuation): continuation.resume(returning: plain.clientClose)
        }
    }
}

/// One wait of one task, which may be cancelled before or after the loop knows of it.
final class TaskWait: Sendable {
    private let cancelled = Atomic(false)

    /// No other that exists has it.
    var id: UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(self))) }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() {
        cancelled.store(true, ordering: .releasing)
    }
}
