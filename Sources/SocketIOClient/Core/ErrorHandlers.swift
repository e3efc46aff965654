internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Where errors of handlers go: any thread may report one.
final class ErrorHandlers: Sendable {
    typealias Handler = @Sendable (any Error, ClientSocket?) -> Void

    private let handlers = Mutex(Registrations<Handler>())
    private let logger: (any ClientLogger)?

    init(_ logger: (any ClientLogger)?) {
        self.logger = logger
    }

    func add(_ handler: @escaping Handler, id: UInt64) {
        handlers.withLock { $0.add(handler, id: id) }
    }

    // What is removed ends outside the lock: it is the application's.

    func remove(_ id: UInt64) {
        let removed = handlers.withLock { $0.remove(id) }
        withExtendedLifetime(removed) {}
    }

    func removeAll() {
        let removed = handlers.withLock { handlers in
            let all = handlers.inOrder()
            handlers = Registrations()
            return all
        }
        withExtendedLifetime(removed) {}
    }

    func report(_ error: any Error, of socket: ClientSocket?) {
        for handler in handlers.withLock({ $0.inOrder() }) { handler(error, socket) }
        guard let logger, logger.level <= .warning else { return }
        logger.log(.warning, socket.map { "\($0.namespace): \(error)" } ?? "\(error)")
    }
}
