internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// Where errors of handlers go: any thread may report one.
final class ErrorHandlers: Sendable {
    typealias Handler = @Sendable (any Error, ClientSocket?) -> Void

    private let handlers = Mutex<[Handler]>([])

    func add(_ handler: @escaping Handler) {
        handlers.change { $0.append(handler) }
    }

    func removeAll() {
        handlers.change { $0 = [] }
    }

    func report(_ error: any Error, of socket: ClientSocket?) {
        // Handlers are the application's: called outside the lock.
        for handler in handlers.withLock({ $0 }) { handler(error, socket) }
    }
}
