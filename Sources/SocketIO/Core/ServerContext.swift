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
    private let newNamespaceHandlers = Mutex<[@Sendable (Namespace) -> Void]>([])
    private let settings = Mutex(SocketIOServer.Configuration())
    private let running = Mutex<Running?>(nil)
    private let administration = Mutex<Administration?>(nil)
    private let isAdministered = Atomic<Bool>(false)
    private let orderIsKept = Atomic<Bool>(false)
    private let hasAdapter = Atomic<Bool>(false)
    private let attachmentsPerPacket = Atomic<Int>(SocketIOServer.Limits().attachmentsPerPacket)

    /// What a server that listens has: its settings as they were when it began to, and its part of each loop.
    private struct Running {
        let configuration: SocketIOServer.Configuration
        let log: ServerLog
        let limits: LimitCounts
        let load: ClusterLoad
        var shards: [LoopBound<ServerShard>] = []
    }

    /// This server's part of each loop, by the loop's index; none unless it listens.
    ///
    /// Asked for once for each command, never for a delivery: what one caller asks, all loops are posted under a lock of
    /// their own anyway.
    var shards: [LoopBound<ServerShard>] { running.withLock { $0?.shards ?? [] } }

    var loops: [EventLoop] { shards.map(\.loop) }

    /// Whether there may be other nodes.
    var isClustered: Bool { hasAdapter.load(ordering: .relaxed) }

    /// Whether several loops keep what is sent, for clients that come back.
    var keepsOrder: Bool { orderIsKept.load(ordering: .relaxed) }

    var configuration: SocketIOServer.Configuration {
        get { settings.withLock { $0 } }
        set { settings.change { $0 = newValue } }
    }

    /// The settings of the server that listens, or those that it would begin with.
    private var current: SocketIOServer.Configuration { running.withLock { $0?.configuration } ?? configuration }

    var logger: any ServerLogger { current.engine.logger }

    /// What joins this server to others, or is to as soon as it listens.
    var adapter: (any Adapter)? { current.adapter }

    /// How many attachments a packet may have: asked for each one that is written on its own, so that it takes no lock.
    var attachmentLimit: Int { attachmentsPerPacket.load(ordering: .relaxed) }

    private func noteAttachmentLimit(of configuration: SocketIOServer.Configuration) {
        let limit =
            configuration.parser == .msgpack ? PacketLimits.maxAttachments : configuration.limits.attachmentsPerPacket
        attachmentsPerPacket.store(limit, ordering: .relaxed)
    }

    /// Lets administrators look; false if there are some already.
    func begin(_ new: Administration) -> Bool {
        let isFirst = administration.withLock { administration in
            guard administration == nil else { return false }
            administration = new
            return true
        }
        guard isFirst else { return false }
        isAdministered.store(true, ordering: .relaxed)
        for shard in shards { shard.loop.post(AdministrationBeginning(administration: new, shard: shard)) }
        return true
    }

    /// Who tells administrators; without any nothing is locked to find that out.
    var administrationIfAny: Administration? {
        isAdministered.load(ordering: .relaxed) ? administration.withLock { $0 } : nil
    }

    // MARK: Namespaces

    /// The namespace of this name, if there is one.
    func existing(_ name: String) -> Namespace? { namespaces.withLock { $0.existing(Array(name.utf8)) } }

    var namespaceNames: [String] { namespaces.withLock { $0.names } }

    /// The namespace `name`, made if it is new: with what its family has, if a pattern matches the name.
    func namespace(_ name: String) -> Namespace {
        let patterns = namespaces.withLock { $0.contains(Array(name.utf8)) ? [] : $0.matchers }
        let matcher = patterns.first { if case .pattern(let matches) = $0.decision { matches(name) } else { false } }
        let (namespace, isNew) = namespaces.withLock { namespaces in
            guard let child = matcher.flatMap({ namespaces.child(Array(name.utf8), of: $0, limit: .max, in: self) })
            else {
                return namespaces.namespace(name, of: self)
            }
            // The application has it, and may register more: it does not end with its clients.
            if child.isNew { namespaces.stay(in: child.0) }
            return child
        }
        if isNew {
            logIfUnreachable(name)
            tellOfNew(namespace)
        }
        return namespace
    }

    /// The namespace that a client names by these bytes, for a socket that is to be in it.
    ///
    /// Whoever enters it calls `leave` once the socket is gone.
    func enter(_ name: [UInt8]) -> Namespace? {
        namespaces.withLock { $0.enter(name) }
    }

    /// The same, made if it is new, where `matcher` lets the client in; nil if there are too many.
    func enter(_ name: [UInt8], letInBy matcher: NamespaceMatcher) -> Namespace? {
        let limit = current.limits.dynamicNamespaces
        let entered = namespaces.withLock { namespaces -> (Namespace, isNew: Bool)? in
            guard let (_, isNew) = namespaces.child(name, of: matcher, limit: limit, in: self) else { return nil }
            return namespaces.enter(name).map { ($0, isNew) }
        }
        guard let (namespace, isNew) = entered else { return nil }
        if isNew { tellOfNew(namespace) }
        return namespace
    }

    /// A further socket is in `namespace`, or may come back to it.
    func stay(in namespace: Namespace) {
        guard case .member = namespace.role else { return }
        namespaces.withLock { $0.stay(in: namespace) }
    }

    /// A socket that had entered `namespace` is gone.
    func leave(_ namespace: Namespace) {
        guard case .member = namespace.role else { return }
        let removes = current.removesEmptyNamespaces
        let isForgotten = namespaces.withLock { namespaces in
            namespaces.leave(namespace) && removes && namespaces.remove(namespace)
        }
        if isForgotten { namespace.forgotten() }
    }

    var matchers: [NamespaceMatcher] { namespaces.withLock { $0.matchers } }

    func addMatcher(_ decision: NamespaceMatcher.Decision) -> NamespaceMatcher {
        namespaces.withLock { $0.addMatcher(decision, in: self) }
    }

    func addNewNamespaceHandler(_ handler: @escaping @Sendable (Namespace) -> Void) {
        newNamespaceHandlers.withLock { $0.append(handler) }
    }

    private func tellOfNew(_ namespace: Namespace) {
        joinOthers(namespace)
        for handler in newNamespaceHandlers.withLock({ $0 }) { handler(namespace) }
    }

    /// No client finds the namespace any more; false if none did.
    func forget(_ namespace: Namespace) -> Bool {
        namespaces.withLock { $0.remove(namespace) }
    }

    /// The server object is gone: namespaces and their handlers usually refer to it and to each other, and none would ever
    /// go.
    func forgetAll() {
        let all = namespaces.withLock { $0.removeAll() }
        for namespace in all { namespace.registered.forgetAll() }
        newNamespaceHandlers.change { $0 = [] }
        errorHandler.change { $0 = nil }
        administration.change { $0 = nil }
    }

    // MARK: Other nodes

    /// Has the adapter, if a server listens that has one, carry what is said in `namespace`.
    private func joinOthers(_ namespace: Namespace) {
        guard isClustered, let running = running.withLock({ $0 }), let adapter = running.configuration.adapter else {
            return
        }
        namespace.cluster.join(
            namespace, over: adapter, running.load, isKept: running.configuration.keepingAdapter != nil)
        // It, or the server, has ended meanwhile.
        if !isClustered || namespace.hasEnded { namespace.cluster.leave() }
    }

    /// All that an adapter keeps has come in up to `place`: loops for which there was nothing know that, too.
    private func passKept(_ place: RedisStreamID) {
        for shard in shards { shard.loop.post(KeptPassing(shard: shard, place: place)) }
    }

    /// Something is wrong with other nodes, or with the way to them.
    func noteCluster(_ problem: String, _ details: @autoclosure () -> String?) {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else { return }
        running.log.cluster.note(problem, details(), on: loop)
    }

    /// What other nodes, or the way to them, have to say that is no trouble.
    func noteClusterNews(_ text: String) {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else { return }
        running.log.clusterNews.note(text, on: loop)
    }

    /// So many requests between nodes are under way that there is no room for another.
    func noteClusterIsFull() {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else { return }
        running.log.clusterIsFull.note(on: loop)
    }

    /// A handler of what another node has sent to servers failed.
    func logServerSideFailure(_ error: any Error, _ name: [UInt8]) {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else { return }
        let name = String(decoding: name, as: UTF8.self)
        running.log.failures.note("a handler of server-side event '\(name)' failed", "\(error)", on: loop)
    }

    // MARK: What went wrong

    /// How often each limit was met.
    var limitsMet: [String: Int] { running.withLock { $0?.limits }?.all ?? [:] }

    /// An event was not taken by a loop that too much waits for.
    func noteDrop(on loop: EventLoop) {
        running.withLock { $0?.log }?.dropped.note(on: loop)
    }

    func setErrorHandler(_ handler: @escaping @Sendable (HandlerFailure) -> Void) {
        errorHandler.change { $0 = handler }
    }

    /// A broadcast's argument threw while it was encoded, or its name is reserved; there is no one socket to report it for.
    func logEncodingFailure(_ error: any Error, _ name: String) {
        note(HandlerFailure.Moment.sending(name).words, error)
    }

    /// Handlers were given a name that no event can have.
    func logRefusal(_ error: ReservedEventName) {
        note(HandlerFailure.Moment.registering(error.name).words, error)
    }

    private func note(_ line: String, _ error: any Error) {
        guard let running = running.withLock({ $0 }), let loop = running.shards.first?.loop else {
            return logger.log(at: .error, "\(line): \(error)")
        }
        running.log.unsent.note(line, "\(error)", on: loop)
    }

    /// A namespace's handler was registered for an event `connection`, which is no event of JavaScript's client.
    func logConnectionEvent() {
        logger.log(
            at: .warning,
            "on(\"connection\") handles an event of this name that a client sends; new sockets have onConnection { socket in … }"
        )
    }

    /// The application made a namespace whose name no packet can carry (Protocol.md 4.1).
    private func logIfUnreachable(_ name: String) {
        let most = PacketLimits().namespaceBytes
        let reason: String
        if name.utf8.contains(UInt8(ascii: ",")) {
            reason = "a name ends at its comma"
        } else if name.utf8.count > most {
            reason = "a name has at most \(most) bytes"
        } else {
            return
        }
        logger.log(at: .warning, "no client can be in the namespace '\(name.prefix(64))': \(reason)")
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
        let new = Running(
            configuration: latest, log: ServerLog(to: latest.engine.logger, countingIn: engine.limitCounts),
            limits: engine.limitCounts, load: ClusterLoad(latest.limits))
        let current = running.withLock { running in
            if running == nil { running = new }
            return running ?? new
        }
        let shard = ServerShard(
            engine: engine, context: self, configuration: current.configuration, log: current.log,
            administration: administration.withLock { $0 })
        running.withLock { $0?.shards.append(LoopBound(shard, on: engine.loop)) }
        // Who began to look in between has not found this part.
        if let administration = administration.withLock({ $0 }) {
            let bound = LoopBound(shard, on: engine.loop)
            engine.loop.post(AdministrationBeginning(administration: administration, shard: bound))
        }
        noteAttachmentLimit(of: current.configuration)
        let keeping = current.configuration.keepingAdapter
        let keepsHere = current.configuration.recovery != nil && keeping == nil
        orderIsKept.store(keepsHere && engine.loopCount > 1, ordering: .relaxed)
        if current.configuration.adapter != nil {
            hasAdapter.store(true, ordering: .relaxed)
            for namespace in namespaces.withLock({ $0.all }) { joinOthers(namespace) }
        }
        // With each loop, so that it hears of what was told to the others.
        keeping?.follow { [weak self] place in self?.passKept(place) }
        return shard
    }

    func stopped() {
        if hasAdapter.exchange(false, ordering: .relaxed) {
            for namespace in namespaces.withLock({ $0.all }) { namespace.cluster.leave() }
        }
        running.change { $0 = nil }
    }
}
