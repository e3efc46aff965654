internal import NetLoop
internal import SocketIOWire

/// What one loop passes on to other nodes: where these are, and the connections to them. Lives on that loop.
final class NodeForwarder {
    let loop: EventLoop
    let node: ServerNode
    private var addresses = NodeAddresses<ForwardedExchange>()
    private var pool: NodePool<KeptNodeConnection>
    private var timer: TimerID?
    private var isOver = false

    init(_ node: ServerNode, on loop: EventLoop) {
        self.node = node
        self.loop = loop
        pool = NodePool(limit: node.connectionLimit, keepAliveTime: node.keepAliveTime)
    }

    // MARK: Finding

    /// Tells `exchange` where its node is, now or later.
    func find(_ tag: NodeTag, for exchange: ForwardedExchange) {
        switch addresses.find(tag, for: exchange) {
        case .known(let origin): exchange.found(origin)
        case .ask: ask(about: tag)
        case .wait: break
        case .full: exchange.found(nil)
        }
    }

    private func ask(about tag: NodeTag) {
        let forwarder = LoopBound(self, on: loop)
        loop.start { [node, loop] in
            var address: String?
            do {
                address = try await node.directory.address(of: tag.description)
            } catch {
                node.log.unanswered.note("\(error)", on: loop)
            }
            forwarder.value.found(address, for: tag)
        }
    }

    private func found(_ address: String?, for tag: NodeTag) {
        guard !isOver else { return }
        let origin = address.flatMap { try? HTTPOrigin(parsing: $0) }
        for exchange in addresses.found(origin, for: tag) { exchange.found(origin) }
    }

    // MARK: Connections

    /// A connection that was kept, or whether there may be another one.
    func takeConnection(to tag: NodeTag) -> NodePool<KeptNodeConnection>.Place {
        pool.take(to: tag)
    }

    func cannotReach(_ tag: NodeTag, because error: ConnectError) {
        addresses.forget(tag)
        pool.remove(to: tag)
        node.log.unreachable.note("\(error)", on: loop)
    }

    /// A connection to a node has no request any more.
    func keep(_ connection: TCPConnection, to tag: NodeTag) {
        let kept = KeptNodeConnection(connection, to: tag, of: self)
        guard !isOver, pool.keep(kept, to: tag, now: loop.compactNow) else { return connection.finish() }
        connection.handler = kept
        connection.setReading(true)
        rearm()
    }

    func connectionEnded(to tag: NodeTag) {
        pool.remove(to: tag)
    }

    fileprivate func keptConnectionEnded(_ kept: KeptNodeConnection) {
        pool.removeKept(kept, to: kept.tag)
    }

    private func rearm() {
        guard timer == nil, let deadline = pool.deadline else { return }
        timer = loop.schedule(self, at: deadline)
    }

    /// The loop serves nobody any more.
    func end() {
        isOver = true
        if let timer { loop.cancel(timer) }
        timer = nil
        addresses = NodeAddresses()
    }
}

extension NodeForwarder: TimerTarget {
    func timerFired(now: EventLoop.Instant) {
        timer = nil
        for kept in pool.expire(now: loop.compactNow) { kept.connection.finish() }
        rearm()
    }
}

/// A connection to another node that waits for a request: it is there until the node ends it.
final class KeptNodeConnection: ConnectionHandler, ServerCloseObserver {
    let connection: TCPConnection
    let tag: NodeTag
    private weak var forwarder: NodeForwarder?

    init(_ connection: TCPConnection, to tag: NodeTag, of forwarder: NodeForwarder) {
        self.connection = connection
        self.tag = tag
        self.forwarder = forwarder
    }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        // It was not asked.
        serverCloses()
    }

    func peerFinished(_ connection: TCPConnection) {
        serverCloses()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        forwarder?.keptConnectionEnded(self)
    }

    func serverCloses() {
        forwarder?.keptConnectionEnded(self)
        connection.close()
    }
}
