internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// All that a server has while it listens: made anew by each `listen`, and over as a whole.
final class RunningServer: Sendable {
    let address: SocketAddress
    /// One for each loop, by its index.
    let shards: [LoopBound<EngineShard>]
    private let group: EventLoopGroup
    private let listener: LoopBound<Listener>?
    private let identity: Mutex<ServerTLS?>
    /// Nil where this is no node of others.
    private let registration: LoopBound<NodeRegistration>?
    /// What becomes of a connection, on its loop.
    let accept: Listener.Accept
    private let layer: any UpperLayer

    /// How long the peers have to answer the last close frames.
    private static let closeGrace = Duration.milliseconds(750)

    private init(
        address: SocketAddress, shards: [LoopBound<EngineShard>], group: EventLoopGroup,
        listener: LoopBound<Listener>?, tls: ServerTLS?, registration: LoopBound<NodeRegistration>? = nil,
        accept: @escaping Listener.Accept, layer: any UpperLayer
    ) {
        self.registration = registration
        self.address = address
        self.shards = shards
        self.group = group
        self.listener = listener
        identity = Mutex(tls)
        self.accept = accept
        self.layer = layer
    }

    static func start(
        on place: ListenPlace, tls: LoadedTLS?, nodes: TLSContext?, configuration: EngineIOServer.Configuration,
        routes: HTTPRoutes, connectionErrors: ConnectionErrors, layer: any UpperLayer
    ) async throws(SystemError) -> RunningServer {
        // The address first: whoever cannot have it starts nothing.
        let socket = try place.listen()
        let descriptors = Machine.raiseDescriptorLimit()
        if descriptors.now > descriptors.before {
            configuration.logger.log(
                at: .debug, "the limit of open descriptors is \(descriptors.now) now instead of \(descriptors.before)")
        }
        routes.noteMissingFolders(to: configuration.logger)
        configuration.noteMissingCompression()
        Machine.returnFreedBlocks()
        let group = try EventLoopGroup(
            count: configuration.loops ?? (place.time == nil ? Machine.coreCount : 1),
            mailboxBytes: configuration.limits.mailboxBytes, time: place.time)
        let registry = SessionRegistry(configuration.limits)
        let log = EngineLog(configuration)
        let meters = RateMeters(configuration.rates, since: place.time?.now ?? .now)
        // Who is not listened for cannot be reached by others.
        let forwarding = socket == nil ? nil : configuration.forwarding
        let node = forwarding.map {
            ServerNode($0, configuration, loopCount: group.loops.count, tls: nodes, log.limits)
        }
        let shards = group.loops.map { loop in
            LoopBound(
                EngineShard(
                    loop: loop, configuration: configuration, routes: routes, registry: registry, log: log,
                    connectionErrors: connectionErrors, meters: meters, loopCount: group.loops.count,
                    node: node),
                on: loop)
        }
        for shard in shards { await shard.loop.call { _ in shard.value.start(among: shards, below: layer) } }
        let accept = accept(among: shards, limit: configuration.limits.connections, log)
        guard let socket else {
            return RunningServer(
                address: .unknown, shards: shards, group: group, listener: nil, tls: nil, accept: accept,
                layer: layer)
        }
        // Before the first client: its next request may come to another node.
        let registration = await register(node, forwarding, isSecure: tls != nil, at: socket.address, on: group)
        switch await listen(on: socket, of: group, tls: tls?.context, log, accept) {
        case .success(let listener):
            return RunningServer(
                address: socket.address, shards: shards, group: group, listener: listener, tls: tls?.settings,
                registration: registration, accept: accept, layer: layer)
        case .failure(let error):
            end(registration)
            await withCheckedContinuation { continuation in
                end(shards, of: group, below: layer, within: .zero) { continuation.resume() }
            }
            throw error
        }
    }

    private static func register(
        _ node: ServerNode?, _ forwarding: NodeForwarding?, isSecure: Bool, at address: SocketAddress,
        on group: EventLoopGroup
    ) async -> LoopBound<NodeRegistration>? {
        guard let node, let forwarding else { return nil }
        let url = ServerNode.url(of: forwarding, isSecure: isSecure, port: address.port)
        return await NodeRegistration.begin(node, at: url, lifetime: forwarding.lifetime, on: group.loops[0])
    }

    private static func end(_ registration: LoopBound<NodeRegistration>?) {
        registration?.loop.post(OnLoop { _ in registration?.value.end() })
    }

    private static func listen(
        on socket: ListeningSocket, of group: EventLoopGroup, tls: TLSContext?, _ log: EngineLog,
        _ accept: @escaping Listener.Accept
    ) async -> Result<LoopBound<Listener>, SystemError> {
        await group.loops[0].call { loop in
            Result { () throws(SystemError) in
                let listener = try Listener(
                    socket, loop: loop, group: group, tls: tls, exhausted: { log.exhausted.note("\($0)", on: $1) },
                    accept: accept)
                return LoopBound(listener, on: loop)
            }
        }
    }

    /// Has the clients go elsewhere, one after the other, until the last has gone or the time is over.
    func drain(within time: Duration, _ completion: @escaping @Sendable () -> Void) {
        let remaining = Remaining(shards.count, completion: completion)
        for shard in shards {
            shard.loop.post(
                OnLoop { _ in shard.value.drain(within: time) { remaining.finishOne() } })
        }
    }

    private static func accept(
        among shards: [LoopBound<EngineShard>], limit: Int, _ log: EngineLog
    ) -> Listener.Accept {
        let count = ConnectionCount()
        return { connection in
            guard count.add(connection, limit: limit) else {
                connection.close()
                return log.refusedConnection.note(on: connection.loop)
            }
            _ = HTTPConnection(connection, shard: shards[connection.loop.index].value)
        }
    }

    /// Who the server is to clients that come now, if they come over TLS.
    var tls: ServerTLS? { identity.withLock { $0 } }

    /// Who the server is to clients that come from now on.
    func use(_ tls: LoadedTLS) async {
        guard let listener else { return }
        await listener.loop.call { _ in listener.value.use(tls.context) }
        identity.withLock { $0 = tls.settings }
    }

    /// The shard that a request is to begin at: the home of the session that it names, or whichever is next.
    func shard(forSession id: String?) -> LoopBound<EngineShard> {
        shards[id.map { EngineSessionID.homeLoop(of: $0, count: shards.count) } ?? group.next().index]
    }

    /// Serves a connection that nobody listened for.
    func serve(_ connection: DetachedConnection) {
        let accept = accept
        group.next().post(OnLoop { loop in connection.adopt(on: loop).map(accept) })
    }

    /// Stops accepting, ends the sessions, waits a moment for the peers to see it, and ends the loops.
    func stop(_ completion: @escaping @Sendable () -> Void) {
        Self.end(registration)
        if let listener { listener.loop.post(OnLoop { _ in listener.value.close() }) }
        Self.end(shards, of: group, below: layer, within: Self.closeGrace, completion)
    }

    private static func end(
        _ shards: [LoopBound<EngineShard>], of group: EventLoopGroup, below layer: any UpperLayer,
        within grace: Duration, _ completion: @escaping @Sendable () -> Void
    ) {
        let remaining = Remaining(shards.count) {
            group.stop {
                layer.stopped()
                completion()
            }
        }
        for shard in shards {
            shard.loop.post(
                OnLoop { loop in
                    shard.value.closeAll()
                    _ = LoopDrain(shard.value, until: loop.now.advanced(by: grace), remaining: remaining)
                })
        }
    }
}

/// Counts the loops that still have connections; the last one to finish ends the server.
private final class Remaining: Sendable {
    private let count: Atomic<Int>
    private let completion: @Sendable () -> Void

    init(_ count: Int, completion: @escaping @Sendable () -> Void) {
        self.count = Atomic(count)
        self.completion = completion
    }

    func finishOne() {
        if count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { completion() }
    }
}

/// Waits until a loop has no connections, or for the deadline, and then ends what is left.
private final class LoopDrain {
    private let shard: EngineShard
    /// Nil once one has come.
    private var remaining: Remaining?
    private var timer: TimerID?

    private var loop: EventLoop { shard.loop }

    init(_ shard: EngineShard, until deadline: ContinuousClock.Instant, remaining: Remaining) {
        self.shard = shard
        self.remaining = remaining
        timer = loop.schedule(self, at: deadline)
        loop.whenEmpty(self)
    }

    private func end() {
        guard let remaining else { return }
        self.remaining = nil
        if let timer { loop.cancel(timer) }
        shard.retire()
        // What is handed to the loop from now on is closed when it ends.
        loop.closeAll()
        remaining.finishOne()
    }
}

extension LoopDrain: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        end()
    }
}

extension LoopDrain: TurnEndTarget {
    func turnEnds() { end() }
}

/// A few words to a loop at the beginning and the end of a server.
private struct OnLoop: LoopMessage {
    let body: @Sendable (EventLoop) -> Void

    init(_ body: @escaping @Sendable (EventLoop) -> Void) {
        self.body = body
    }

    func deliver(on loop: EventLoop) {
        body(loop)
    }
}
