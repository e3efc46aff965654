internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// Takes the namespaces from one loop of a closed server.
private struct ForgetNamespaces: LoopMessage {
    let shard: LoopBound<SocketShard>

    func deliver(on loop: EventLoop) {
        shard.value.forgetNamespaces()
    }
}

/// What all parts of a server know: its limits, its loops, its namespaces.
final class ServerContext: Sendable {
    private final class ShardList: Sendable {
        let shards: [LoopBound<SocketShard>]
        init(_ shards: [LoopBound<SocketShard>]) { self.shards = shards }
    }

    private let list = AtomicLazyReference<ShardList>()
    private let namespaces = Mutex<[String: Namespace]>([:])
    private let errorHandler = Mutex<(@Sendable (Socket, any Error) -> Void)?>(nil)
    private let settings = Mutex(SocketIOServer.Configuration())

    /// The loops, once the server listens.
    var shards: [LoopBound<SocketShard>]? { list.load()?.shards }

    func setShards(_ shards: [LoopBound<SocketShard>]) {
        _ = list.storeIfNil(ShardList(shards))
    }

    var configuration: SocketIOServer.Configuration {
        get { settings.withLock { $0 } }
        set { settings.change { $0 = newValue } }
    }

    /// The namespace `name`, made if it is new.
    func namespace(_ name: String) -> Namespace {
        namespaces.withLock { namespaces in
            if let namespace = namespaces[name] { return namespace }
            let namespace = Namespace(name: name, ordinal: namespaces.count, context: self)
            namespaces[name] = namespace
            return namespace
        }
    }

    /// The server is closed: namespaces and handlers usually refer to it, and neither would ever go.
    func forgetNamespaces() {
        let all = namespaces.withLock { namespaces in
            let all = Array(namespaces.values)
            namespaces = [:]
            return all
        }
        for namespace in all { namespace.register { $0 = NamespaceHandlers() } }
        for shard in shards ?? [] { shard.loop.post(ForgetNamespaces(shard: shard)) }
        errorHandler.change { $0 = nil }
    }

    func existingNamespace(_ name: String) -> Namespace? {
        namespaces.withLock { $0[name] }
    }

    func setErrorHandler(_ handler: @escaping @Sendable (Socket, any Error) -> Void) {
        errorHandler.change { $0 = handler }
    }

    /// A broadcast's argument threw while it was encoded; there is no one socket to report it for.
    func logEncodingFailure(_ error: any Error, _ name: EventName) {
        configuration.engine.logger.log(.error, "event '\(name)' was not sent, because encoding it failed: \(error)")
    }

    /// A handler or a middleware of the application failed, or its arguments could not be decoded.
    func report(_ error: any Error, of socket: Socket) {
        if let handler = errorHandler.withLock({ $0 }) {
            handler(socket, error)
        } else {
            configuration.engine.logger.log(
                at: .warning, "a handler failed for socket \(socket.id); see onHandlerError: \(error)")
        }
    }
}
