internal import EngineIO
internal import NetLoop
internal import SocketIOWire

/// What one loop knows of the server: its part of every namespace. Lives on that loop.
final class SocketShard {
    let engine: LoopBound<EngineShard>
    /// Kept by the engine for as long as there are sessions.
    unowned let context: ServerContext
    let limits: SocketIOServer.Limits
    let packetLimits: PacketLimits
    let connectTimeout: Duration
    let logger: any ServerLogger
    /// By the namespaces' ordinals; made with the first socket.
    private var namespaces: [NamespaceShard?] = []

    init(engine: LoopBound<EngineShard>, context: ServerContext, configuration: SocketIOServer.Configuration) {
        self.engine = engine
        self.context = context
        limits = configuration.limits
        packetLimits = limits.packet
        connectTimeout = configuration.connectTimeout
        logger = configuration.engine.logger
    }

    var loop: EventLoop { engine.loop }

    /// This loop's part of a namespace, if it ever had a socket here.
    func existing(_ ordinal: Int) -> NamespaceShard? {
        ordinal < namespaces.count ? namespaces[ordinal] : nil
    }

    func forgetNamespaces() {
        let ended = namespaces
        namespaces = []
        withExtendedLifetime(ended) {}
    }

    func forEachNamespace(_ body: (NamespaceShard) -> Void) {
        for case let namespace? in namespaces { body(namespace) }
    }

    func shard(of namespace: Namespace) -> NamespaceShard {
        if let shard = existing(namespace.ordinal) { return shard }
        while namespaces.count <= namespace.ordinal { namespaces.append(nil) }
        let shard = NamespaceShard(namespace, server: self)
        namespaces[namespace.ordinal] = shard
        return shard
    }

    /// Ends a session whose client broke the protocol (Protocol.md 1.5).
    func close(_ session: EngineSession, because violation: ProtocolViolation) {
        logger.log(at: .debug, "session \(session.id) closed: \(violation.detail)")
        session.close(code: .protocolError)
    }
}
