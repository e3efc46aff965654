internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Stands where a socket's core would, in a process whose system has no thread or descriptor for an event loop: whoever
/// asks for something is told, on their own thread.
final class SocketWithoutLoop: Sendable {
    private let error: ClientError
    private let callbacks = Mutex(SocketCallbacks())
    /// Whether callbacks are being told: one that opens the socket again hears of the same failure, and not within itself.
    private let isTelling = Atomic<Bool>(false)

    init(_ error: ClientError) {
        self.error = error
    }

    func perform(_ action: ClientSocketCommand.Action, _ socket: ClientSocket) {
        switch action {
        case .open: tell(socket)
        case .wait(_, let waiter, _):
            tell(socket)
            waiter.continuation.resume(returning: .failure(error))
        case .emit(_, let isVolatile):
            if !isVolatile { socket.report(error) }
        case .request(_, _, let continuation, _):
            socket.report(error)
            continuation.resume(returning: .failure(AckError(.disconnected)))
        case .change(.callbacks(let change)):
            let removed = callbacks.withLock { change(&$0) }
            withExtendedLifetime(removed) {}
        case .change(.removeEverything):
            let removed = callbacks.withLock { callbacks in
                let all = callbacks
                callbacks = SocketCallbacks()
                return all
            }
            withExtendedLifetime(removed) {}
        case .change(.addStream(_, let finish)): finish()
        case .change(.addHandler), .change(.removeHandler), .change(.removeHandlers), .change(.removeStream),
            .change(.setAuth), .cancelWait, .cancelAck, .disconnect, .acknowledge, .shutDown:
            break
        }
    }

    /// It cannot be connected.
    private func tell(_ socket: ClientSocket) {
        guard !isTelling.exchange(true, ordering: .acquiringAndReleasing) else { return }
        defer { isTelling.store(false, ordering: .releasing) }
        for callback in callbacks.withLock({ $0.connectError.inOrder() }) { callback.call(error, for: socket) }
        socket.report(error)
    }

    /// Starts an asynchronous handler, of which there are only those of `onConnectError`.
    func start(_ handler: @escaping @Sendable () async throws -> Void, _ socket: ClientSocket) {
        Task {
            do {
                try await handler()
            } catch {
                socket.report(error)
            }
        }
    }
}
