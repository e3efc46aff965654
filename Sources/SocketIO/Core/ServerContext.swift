internal import EngineIO
internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire
internal import Synchronization

/// What all parts of a server know, whether it listens or not: its namespaces, its settings, and its loops while it
/// does.
final class ServerContext: Sendable {
    private let namespaces = Mutex(NamespaceTable())
    private let errorHandler = Mutex<(@Sendable (HandlerFailure) -> Void)?>(nil)
    private let settings = Mutex(SocketIOServer.Configuration())
    private let running = Mutex<Running?>(nil)

    /// What a server that listens has: its settings as they were when it began to, and its part of each loop.
    private struct Running {
        let configuration: SocketIOServer.Configuration
        let log: ServerLog
        var shards: [LoopBound<ServerShard>] = []
    }

    /// This server's part of each loop, by the loop's index; none unless it listens.
    ///
    /// Asked for once for each command, never for a delivery: what one caller asks, all loops are posted under a lock of
    /// their own anyway.
    var shards: [LoopBound<ServerShard>] { running.withLock { $0?.shards ?? [] } }

    var configuration: SocketIOServer.Configuration {
        get { settings.withLock { $0 } }
        set { settings.change { $0 = newValue } }
    }

    /// The settings of the server that listens, or those that it would begin with.
    private var current: SocketIOServer.Configuration { running.withLock { $0?.configuration } ?? configuration }

    var logger: any ServerLogger { current.engine.logger }

    /// How many attachments a packet may have.
    var attachmentLimit: Int { current.limits.attachmentsPerPacket }

    // MARK: Namespaces

    /// The namespace `name`, made if it is new.
    func namespace(_ name: String) -> Namespace {
        namespaces.withLock { $0.namespace(name, of: self) }
    }

    /// The namespace that a client names by these bytes.
    func existingNamespace(_ name: [UInt8]) -> Namespace? {
        namespaces.withLock { $0[name] }
    }

    /// No client finds the namespace any more; false if none did.
    func forget(_ namespace: Namespace) -> Bool {
        namespaces.withLock { $0.remove(namespace) }
    }

    /// The server object is gone: namespaces and their handlers usually refer to it and to each other, and none would ever
    /// go.
    func forgetAll() {
        let all = namespaces.withLock { namespaces in
            defer { namespaces.removeAll() }
            return namespaces.all
        }
        for namespace in all { namespace.forgetHandlers() }
        errorHandler.change { $0 = nil }
    }

    // MARK: What went wrong

    /// An event was not taken by a loop that too much waits for.
    func noteDrop(on loop: EventLoop) {
        running.withLock { $0?.log }?.dropped.note(on: loop)
    }

    func setErrorHandler(_ handler: @escaping @Sendable (HandlerFailure) -> Void) {
        errorHandler.change { $0 = handler }
    }

    /// A broadcast's argument threw while it was encoded, or its name is reserved; there is no one socket to report it for.
    func logEncodingFailure(_ error: any Error, _ name: String) {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else { return }
        running.log.unsent.note(HandlerFailure.Moment.sending(name).words, "\(error)", on: loop)
    }

    /// Handlers were given a name that no event can have.
    func logRefusal(_ error: ReservedEventName) {
        logger.log(.error, "a handler was not registered: \(error)")
    }

    /// A namespace's handler was registered for an event `connection`, which is no event of JavaScript's client.
    func logConnectionEvent() {
        logger.log(
            at: .warning,
            "on(\"connection\") handles an event of this name that a client sends; new sockets have onConnection { socket in … }"
        )
    }

    /// A handler or a middleware of the application failed, or its arguments could not be decoded.
    func report(_ failure: HandlerFailure) {
        if let handler = errorHandler.withLock({ $0 }) {
            handler(failure)
        } else {
            let log = failure.socket.shard.server.log
            log.failures.note("\(failure.cause); see onHandlerError", failure.details, on: failure.socket.loop)
        }
    }
}

extension ServerContext: UpperLayer {
    func started(on engine: EngineShard) -> any UpperShard {
        let latest = configuration
        let new = Running(configuration: latest, log: ServerLog(to: latest.engine.logger))
        let current = running.withLock { running in
            if running == nil { running = new }
            return running ?? new
        }
        let shard = ServerShard(engine: engine, context: self, configuration: current.configuration, log: current.log)
        running.withLock { $0?.shards.append(LoopBound(shard, on: engine.loop)) }
        return shard
    }

    func stopped() {
        running.change { $0 = nil }
    }
}
