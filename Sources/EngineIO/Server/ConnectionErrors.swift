internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// Who is told of the handshakes that a server refuses.
final class ConnectionErrors: Sendable {
    typealias Handler = @Sendable (ConnectionError) -> Void

    /// So that a refusal of a server without a handler makes nothing of its request.
    private let hasHandler = Atomic<Bool>(false)
    private let handler = Mutex<Handler?>(nil)

    func setHandler(_ handler: @escaping Handler) {
        self.handler.change { $0 = handler }
        hasHandler.store(true, ordering: .releasing)
    }

    /// Tells of one with a later turn: a request is being read now, and the connection answers it.
    func note(_ error: @autoclosure () -> ConnectionError, on loop: EventLoop) {
        guard hasHandler.load(ordering: .acquiring) else { return }
        loop.post(Refused(error: error(), errors: self))
    }

    private struct Refused: LoopMessage {
        let error: ConnectionError
        let errors: ConnectionErrors

        func deliver(on loop: EventLoop) {
            let handler = errors.handler.withLock { $0 }
            handler?(error)
        }
    }
}
