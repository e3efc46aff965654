internal import NetLoop
internal import SocketIOWire

/// Carries out what a `NodeTunnel` decides: a client's WebSocket over this node to that of its session. Lives on one loop.
final class SplicedConnections {
    private let client: TCPConnection
    private let node: TCPConnection
    private let request: ForwardedRequest
    let stallTime: Duration?
    private var machine: NodeTunnel
    private var timer: TimerID?

    private var loop: EventLoop { client.loop }

    init(of client: TCPConnection, and node: TCPConnection, _ request: ForwardedRequest, stallTime: Duration) {
        self.client = client
        self.node = node
        self.request = request
        self.stallTime = stallTime
        machine = NodeTunnel(patience: request.forwarder.node.patience, now: client.loop.compactNow)
    }

    /// - Parameter bytes: What the node has sent already.
    func begin(_ bytes: Span<UInt8>) {
        client.handler = self
        node.handler = self
        node.setReading(true)
        send(bytes, to: client)
        rearm()
    }

    private func send(_ bytes: Span<UInt8>, to connection: TCPConnection) {
        let start = loop.beginOutput()
        loop.output.append(bytes)
        connection.enqueue(start..<loop.output.count)
    }

    private func side(of connection: TCPConnection) -> NodeTunnel.Side {
        connection === client ? .client : .node
    }

    private func connection(of side: NodeTunnel.Side) -> TCPConnection {
        switch side {
        case .client: client
        case .node: node
        }
    }

    private func perform(_ actions: [NodeTunnel.Action]) {
        guard !actions.isEmpty else { return }
        request.forwarder.connectionEnded(to: request.tag)
        for action in actions {
            switch action {
            case .finish(let side): connection(of: side).finish()
            case .close:
                client.close()
                node.close()
            }
        }
        rearm()
    }

    /// The deadline moves with each message, the timer only when it fires.
    private func rearm() {
        if let timer { loop.cancel(timer) }
        timer = machine.deadline.map { loop.schedule(self, at: $0) }
    }
}

extension SplicedConnections: ConnectionHandler {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard machine.receive(now: loop.compactNow) else { return }
        send(bytes.span, to: self.connection(of: side(of: connection).other))
    }

    func peerFinished(_ connection: TCPConnection) {
        perform(machine.finished(side(of: connection)))
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        perform(machine.lost(side(of: connection)))
    }

    func outputChanged(_ connection: TCPConnection) {
        let source = self.connection(of: side(of: connection).other)
        source.setReading(machine.isRead(unsent: connection.bufferedByteCount))
    }
}

extension SplicedConnections: ServerCloseObserver {
    func serverCloses() {
        perform(machine.shutDown())
    }
}

extension SplicedConnections: TimerTarget {
    func timerFired(now: EventLoop.Instant) {
        timer = nil
        let actions = machine.handleTimeout(now: loop.compactNow)
        if actions.isEmpty { rearm() } else { perform(actions) }
    }
}
