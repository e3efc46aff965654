internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Stands where a socket's core would, in a process whose system has no thread or descriptor for an event loop: whoever
/// asks for something is told, on their own thread.
final class SocketWithoutLoop: Sendable {
    private let error: ClientError
    private let callbacks = Mutex(SocketCallbacks())
    /// Whether somebody has been told that what is emitted goes nowhere: once, for nothing of it ever will.
    private let hasTold = Atomic<Bool>(false)
    /// Whether callbacks are still being told.
    private final class Telling: Sendable {
        let isOver = Atomic<Bool>(false)
    }

    /// There where the caller is a callback, or a task that one began: a callback that opens the socket again knows already.
    @TaskLocal private static var telling: Telling?

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
            if !isVolatile { tellOnce(socket) }
        case .request(_, _, let continuation, _):
            tellOnce(socket)
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
        guard Self.telling?.isOver.load(ordering: .acquiring) != false else { return }
        let telling = Telling()
        defer { telling.isOver.store(true, ordering: .releasing) }
        Self.$telling.withValue(telling) {
            for callback in callbacks.withLock({ $0.connectError.inOrder() }) { callback.call(error, for: socket) }
            socket.report(error)
        }
    }

    private func tellOnce(_ socket: ClientSocket) {
        guard !hasTold.exchange(true, ordering: .acquiringAndReleasing) else { return }
        socket.report(error)
    }

    /// Starts an asynchronous handler, of which there are only those of `onConnectError`.
    func start(_ handler: @escaping @Sendable () async throws -> Void, _ socket: ClientSocket) {
        Task {
            do {
                // It goes on after the callbacks have been told.
                try await Self.$telling.withValue(nil) { try await handler() }
            } catch {
                socket.report(error)
            }
        }
    }
}
