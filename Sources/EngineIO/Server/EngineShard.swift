package import NetLoop
package import SocketIOWire
internal import Synchronization

/// What one loop knows of an engine: its sessions, and how its requests are answered. Lives on that loop.
package final class EngineShard {
    package let loop: EventLoop
    let configuration: EngineIOServer.Configuration
    let httpLimits: HTTPServerLimits
    /// For the WebSockets of sessions, by how bytes are sent over them.
    private let webSocketSettings: [WebSocketSettings]
    /// Nil if no WebSocket compresses.
    let compression: LoopCompression?
    /// Nil if no response of long-polling is compressed.
    let bodyCompression: BodyCompression?
    /// Unsent bytes at which a session is given up.
    let sessionOutputLimit: Int
    let sessionRules: EngineServerSession.Rules
    /// What each session begins with.
    let initialPacket: EnginePacket?
    /// What the instants that sessions keep are counted from.
    let sessionEpoch: EventLoop.Instant
    /// The shards of all loops, by index; none before the server begins to listen and after its end.
    private(set) var siblings: [LoopBound<EngineShard>] = []

    let routes: HTTPRoutes
    let clock = ResponseClock()
    /// What waits for the applications of WebSocket routes.
    let inboxes = WebSocketInboxes()
    /// Who takes the sessions; nil before the server begins to listen and after its end.
    private var upper: (any UpperShard)?
    let path: String
    let enabled: Set<EngineTransport>
    private(set) var sessions = KeyedTable<EngineSession>()
    /// Of all loops.
    let registry: SessionRegistry
    /// Of all loops.
    let log: EngineLog
    /// Of all loops.
    let connectionErrors: ConnectionErrors
    /// What passes requests on to other nodes; nil where that is off.
    let forwarder: NodeForwarder?
    /// Of all loops; nil where there are no rates of messages.
    let meters: RateMeters?
    /// How often each rate was exceeded on this loop.
    private var excesses: [RateName: Int] = [:]
    /// What was refused since the server began to listen, by its code.
    var refusals: [Int: Int] = [:]
    /// The sessions that have begun since then.
    package private(set) var openedCount = 0
    /// Polling sessions with something new to say, until the end of the turn.
    private var unsent: [EngineSession] = []
    /// Who waits until a client has taken something.
    private var awaitingOutput: [CompactID: [ObjectIdentifier: any TurnEndTarget]] = [:]
    /// Whether responses end their connections, because the server is shutting down.
    private(set) var isClosing = false
    /// Whether the server takes no new sessions, because it is about to shut down.
    var isDraining = false
    /// There from then on.
    var drain: SessionDrain?
    private var generator = SystemRandomNumberGenerator()
    /// One loop looks for the process.
    private let memory: FreedMemory?

    init(
        loop: EventLoop, configuration: EngineIOServer.Configuration, routes: HTTPRoutes, registry: SessionRegistry,
        log: EngineLog, connectionErrors: ConnectionErrors, meters: RateMeters, loopCount: Int,
        node: ServerNode?
    ) {
        self.loop = loop
        forwarder = node.map { NodeForwarder($0, on: loop) }
        self.log = log
        self.connectionErrors = connectionErrors
        self.meters = meters.rates.areOfMessages || meters.rates.handshakesPerAddress != nil ? meters : nil
        self.registry = registry
        memory = loop.index == 0 && !loop.hasManualTime ? FreedMemory(of: loop) : nil
        let configuration = configuration.bounded
        self.configuration = configuration
        self.routes = routes
        let limits = configuration.limits
        let room = node == nil ? (bytes: 0, headers: 0) : ForwardedRequest.room
        httpLimits = HTTPServerLimits(
            message: HTTPLimits(
                lineAndHeaderBytes: limits.headerBytes, headerCount: limits.headerCount,
                bodyBytes: configuration.maxHttpBufferSize
            ).widened(bytes: room.bytes, headers: room.headers),
            headTime: limits.requestHeadTime, bodyTime: limits.requestBodyTime, keepAliveTime: limits.keepAliveTime,
            sendRateTime: limits.sendRateTime, minimumSendRate: limits.minimumSendRate,
            unsentBytes: limits.bufferedBytes)
        switch limits.overflow {
        case .disconnect: sessionOutputLimit = limits.bufferedBytes
        case .dropVolatile:
            let (product, overflow) = limits.bufferedBytes.multipliedReportingOverflow(by: 4)
            sessionOutputLimit = overflow ? .max : product
        }
        sessionRules = EngineServerSession.Rules(configuration, outputLimit: sessionOutputLimit)
        initialPacket = configuration.initialPacket.map { message in
            switch message {
            case .text(let text): .text(.message, Array(text.utf8))
            case .binary(let bytes): .binary(bytes)
            }
        }
        sessionEpoch = loop.time
        webSocketSettings = EngineBinaryForm.allCases.map { form in
            WebSocketSettings(
                limits: WebSocketLimits(
                    messageBytes: configuration.maxHttpBufferSize, fragments: limits.fragmentsPerMessage),
                closeTime: limits.closeTime, stallTime: limits.stallTime,
                binaryForm: form)
        }
        compression = configuration.perMessageDeflate.flatMap { options in
            let contexts = limits.compressionContexts / max(loopCount, 1)
            return try? LoopCompression(options, contexts: contexts, library: configuration.zlib, on: loop)
        }
        bodyCompression = configuration.httpCompression.flatMap {
            try? BodyCompression($0, library: configuration.zlib)
        }
        path = configuration.servedPath
        enabled = configuration.transports
    }

    package var sessionCount: Int { sessions.count }
    /// Without those that are closed and wait for their last polls.
    package var sessionsByTransport: [EngineTransport: Int] {
        sessions.all.reduce(into: [:]) { counts, session in
            if session.isOpen, let transport = session.transport { counts[transport, default: 0] += 1 }
        }
    }
    /// The requests that were refused since the server began to listen, by why.
    package var refusedCounts: [ConnectionError.Code: Int] {
        Dictionary(uniqueKeysWithValues: refusals.map { (ConnectionError.Code(rawValue: $0), $1) })
    }
    /// Those of the server that were met since then, on all its loops.
    package var limitCounts: LimitCounts { log.limits }
    /// How many loops the server has.
    package var loopCount: Int { max(1, siblings.count) }

    // MARK: Sessions

    /// For WebSockets whose bytes are binary messages.
    var binarySettings: WebSocketSettings { webSocketSettings[EngineBinaryForm.bytes.rawValue] }

    /// For a WebSocket that a session's request asks for.
    func webSocketSettings(for head: HTTPRequestHead, _ dialect: EngineDialect) -> WebSocketSettings {
        webSocketSettings[dialect.binaryForm(asText: head.query.wantsText).rawValue]
    }

    /// Begins a session; `id` belongs to this loop.
    func open(
        _ id: String, over transport: EngineTransport, in dialect: EngineDialect, _ head: HTTPRequestHead,
        on connection: HTTPConnection
    ) throws(EngineRefusal) {
        guard sessions[CompactID(id)] == nil else { throw .badRequest }
        // Protocol.md 1.4: no session begins while the server is closing, or about to.
        guard !isClosing, !isDraining, let upper else {
            return connection.respond(withCORS(HTTPResponse(status: 503), head), closing: true)
        }
        let request = HTTPRequest(head: head, on: connection)
        // Before anything is changed: it is the application that says them.
        let added = firstFields(of: id, over: transport, for: request)
        let outgoing: [CompactID]
        switch registry.enter(CompactID(id), request.kept, joins: upper.sessionsJoin) {
        case .admitted(let ending): outgoing = ending
        case .refused(let full): throw .tooManySessions(full)
        }
        defer { end(outgoing) }
        connection.added = connection.added.replaced(by: added)
        let session = EngineSession(id: id, transport: transport, dialect: dialect, request: request.kept, shard: self)
        switch transport {
        case .polling:
            sessions.insert(session)
            session.open(over: connection)
        case .webSocket:
            let settings = webSocketSettings(for: head, dialect)
            guard let webSocket = connection.upgrade(head, settings: settings, delegate: session) else {
                return session.end(because: .forcedClose)
            }
            sessions.insert(session)
            session.open(over: webSocket)
        }
        openedCount += 1
        begin(session, below: upper)
    }

    private func begin(_ session: EngineSession, below upper: any UpperShard) {
        let handler = upper.handler(for: session)
        guard let meters, meters.rates.areOfMessages else { return session.begin(with: handler) }
        session.begin(with: RateGate(before: handler, of: session, meters, upper))
    }

    /// A client does more than a rate allows.
    func noteExcess(_ name: RateName) { excesses[name, default: 0] += 1 }

    /// How often clients of this loop did more than a rate allows, by the rate's name.
    package var excessCounts: [String: Int] {
        Dictionary(uniqueKeysWithValues: excesses.map { ($0.rawValue, $1) })
    }

    /// The id of a session that is about to begin; it says which loop the session belongs to.
    func makeID() -> String {
        EngineSessionID.random(
            homeLoop: loop.index, count: siblings.count, of: forwarder?.node.tag, using: &generator)
    }

    /// The same of an id that the application made.
    func ownID(_ id: String) -> String {
        forwarder.map { $0.node.tag.description + id } ?? id
    }

    func handshake(for session: EngineSession) -> EngineHandshake {
        let upgrades = configuration.allowUpgrades && session.transport == .polling && enabled.contains(.webSocket)
        return EngineHandshake(
            sessionID: session.id, upgrades: upgrades ? [.webSocket] : [], pingInterval: configuration.pingInterval,
            pingTimeout: configuration.pingTimeout, maxPayload: configuration.maxHttpBufferSize)
    }

    func remove(_ session: EngineSession) {
        sessions.remove(session)
        awaitingOutput[session.key] = nil
        registry.leave(session.key, session.request)
    }

    /// Ends sessions that have lost their places, wherever they live.
    private func end(_ outgoing: [CompactID]) {
        for id in outgoing {
            let home = EngineSessionID.homeLoop(of: id.description, count: siblings.count)
            if home == loop.index {
                endOutgoing(id)
            } else {
                siblings[home].loop.post(SessionEnding(id: id, shard: siblings[home]))
            }
        }
        if !outgoing.isEmpty { log.noteEndings(outgoing.count, on: loop) }
    }

    func endOutgoing(_ id: CompactID) {
        // It may have ended by itself, and its id be another's now.
        if registry.isOutgoing(id) { sessions[id]?.evict() }
    }

    /// A new id for a socket, which tells its home as a session's does.
    package func makeSocketID() -> String {
        EngineSessionID.random(homeLoop: loop.index, count: siblings.count, using: &generator)
    }

    /// Answers the session's poll with the end of the turn.
    func noteUnsent(_ session: EngineSession) {
        if unsent.isEmpty { loop.whenTurnEnds(self) }
        unsent.append(session)
    }

    func awaitOutput(of session: CompactID, _ target: any TurnEndTarget) {
        awaitingOutput[session, default: [:]][ObjectIdentifier(target)] = target
    }

    /// A client has taken something.
    func outputChanged(of session: CompactID) {
        guard !awaitingOutput.isEmpty, let targets = awaitingOutput.removeValue(forKey: session) else { return }
        for target in targets.values { loop.whenTurnEnds(target) }
    }

    /// Whether the server serves; not before it has begun, and not after its end.
    var isRunning: Bool { upper != nil }

    /// The server begins to listen.
    func start(among siblings: [LoopBound<EngineShard>], below layer: any UpperLayer) {
        self.siblings = siblings
        loop.unsentBytes.setLimit(
            max(configuration.limits.bufferedBytesTotal / max(siblings.count, 1), 0), relief: self)
        inboxes.limit = max(configuration.limits.webSocketInboxBytesTotal / max(siblings.count, 1), 0)
        memory?.start()
        upper = layer.started(on: self)
    }

    /// Ends all sessions, and the connections that do nothing.
    func closeAll() {
        isClosing = true
        drain?.stop()
        drain = nil
        for session in sessions.all { session.close(because: .serverShuttingDown) }
        for connection in loop.tcpConnections { (connection.handler as? any ServerCloseObserver)?.serverCloses() }
    }

    /// The loop serves nobody any more: ends the requests that are under way, and the sessions whose clients did not come
    /// for what was left, and lets go of what refers back to this shard.
    func retire() {
        for connection in loop.tcpConnections {
            switch connection.handler {
            case let exchange as HTTPConnection: exchange.abandon()
            case let exchange as MountedExchange: exchange.lose()
            default: break
            }
        }
        for session in sessions.all { session.abandon(because: .serverShuttingDown) }
        forwarder?.end()
        siblings = []
        memory?.stop()
        loop.unsentBytes.removeLimit()
        let ended = upper
        upper = nil
        ended?.ended()
    }
}

extension EngineShard: TurnEndTarget {
    package func turnEnds() {
        let sessions = unsent
        unsent = []
        for session in sessions { session.turnEnded() }
        if loop.unsentBytes.isOverLimit { makeRoom() }
        loop.unsentBytes.relieved()
    }
}
