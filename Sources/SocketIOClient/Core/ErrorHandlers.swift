internal import NetLoop
internal import SocketIOEvents
internal import Synchronization

/// Where errors of handlers go: any thread may report one.
final class ErrorHandlers: Sendable {
    typealias Handler = @Sendable (any Error, ClientSocket?) -> Void

    private let handlers = Mutex<[Registered<Handler>]>([])
    private let logger: (any ClientLogger)?

    init(_ logger: (any ClientLogger)?) {
        self.logger = logger
    }

    func add(_ handler: Registered<Handler>) {
        handlers.change { $0.append(handler) }
    }

    func remove(_ id: UInt64) {
        handlers.change { $0.removeAll { $0.id == id } }
    }

    func removeAll() {
        handlers.change { $0 = [] }
    }

    func report(_ error: any Error, of socket: ClientSocket?) {
        // Handlers are the application's: called outside the lock.
        for callback in handlers.withLock({ $0 }) { callback.handler(error, socket) }
        guard let logger, logger.level <= .warning else { return }
        logger.log(.warning, socket.map { "\($0.namespace): \(error)" } ?? "\(error)")
    }
}
