internal import NetLoop
internal import SocketIOWire

/// Carries out what a `NodeExchange` decides: a request of a client, and its answer by the node of its session. Lives on the
/// client's loop.
final class ForwardedExchange {
    private let request: ForwardedRequest
    private var machine: NodeExchange
    /// Until it is sent.
    private var body: [UInt8]
    /// Until it is answered.
    private var client: HTTPConnection?
    /// Where the node is, once that is known.
    private var origin: HTTPOrigin?
    private var connector: Connector?
    /// The connection to the node.
    private var connection: TCPConnection?
    private var answer: RelayedBody?
    private var timer: TimerID?

    /// Larger bodies are sent from where they are.
    private static let copyLimit = 64 * 1024

    private var forwarder: NodeForwarder { request.forwarder }
    private var node: ServerNode { forwarder.node }
    private var loop: EventLoop { forwarder.loop }

    init(_ request: ForwardedRequest, _ body: [UInt8], on client: HTTPConnection) {
        self.request = request
        self.body = body
        self.client = client
        machine = NodeExchange(
            passingOn: request.head.method, patience: request.forwarder.node.patience,
            now: request.forwarder.loop.compactNow)
    }

    func begin() {
        client?.wait(for: self)
        rearm()
        forwarder.find(request.tag, for: self)
    }

    /// - Parameter origin: Where the node is; nil if nobody knows it.
    func found(_ origin: HTTPOrigin?) {
        self.origin = origin
        perform(machine.found(origin != nil))
    }

    /// The client has taken what came.
    func goOn() {
        connection?.setReading(true)
    }

    /// The client has gone, or has been answered by somebody else.
    func abandon() {
        machine.abandon()
        client = nil
        if let connector {
            connector.cancel()
            forwarder.connectionEnded(to: request.tag)
        }
        connector = nil
        drop()
        rearm()
    }

    // MARK: Carrying out

    private func perform(_ action: NodeExchange.Action?) {
        switch action {
        case nil, .piece, .splice: break
        case .connect: connect()
        case .send: send()
        case .refuse: refuse(.unknownSession)
        case .answer(let head): begin(head)
        case .end(let keeping): end(keeping: keeping)
        case .cut: cut()
        }
        rearm()
    }

    private func connect() {
        guard let origin else { return }
        switch forwarder.takeConnection(to: request.tag) {
        case .kept(let kept): use(kept.connection)
        case .new:
            connector = Connector(
                to: origin.host, port: origin.port, on: loop, tls: origin.isSecure ? node.tls : nil,
                timeout: NodeExchange.connectTime
            ) { [self] result in
                connector = nil
                switch result {
                case .success(let connection): use(connection)
                case .failure(let error):
                    forwarder.cannotReach(request.tag, because: error)
                    perform(machine.connectFailed())
                }
            }
        case .full:
            machine.abandon()
            node.log.full.note(on: loop)
            refuse(nil)
        }
    }

    private func use(_ connection: TCPConnection) {
        self.connection = connection
        connection.handler = self
        perform(machine.connected(now: loop.compactNow))
    }

    private func send() {
        guard let connection else { return }
        let start = loop.beginOutput()
        request.head.appendForwarded(
            proof: node.proof.value(for: request.source), bodyCount: body.count, to: loop.output)
        let isLarge = body.count > Self.copyLimit
        if !isLarge { loop.output.append(body) }
        connection.enqueue(start..<loop.output.count)
        if isLarge { connection.send(body) }
        body = []
    }

    /// - Parameter refusal: Nil where there is no room.
    private func refuse(_ refusal: EngineRefusal?) {
        guard let client = client.take() else { return }
        let shard = client.shard
        if let refusal {
            shard.refuse(refusal, request.head, on: client)
        } else {
            let response = shard.withCORS(.status(503), request.head)
            client.respond(response, closing: request.head.isUpgrade(to: "websocket"))
        }
        client.continueInput()
    }

    private func begin(_ head: HTTPResponseHead) {
        guard let client = client.take() else { return }
        let length: HTTPBodyLength =
            switch head.bodyLength {
            case .fixed(let count): .fixed(count)
            case .none: .fixed(0)
            case .chunked, .untilClose: .chunked
            }
        let answer = RelayedBody(of: self)
        self.answer = answer
        let closing = client.shard.isClosing || request.head.isUpgrade(to: "websocket")
        client.respond(head.status, HTTPFieldLines(relaying: head), length, closing, answer)
    }

    private func end(keeping isKept: Bool) {
        if isKept, let connection = connection.take() {
            forwarder.keep(connection, to: request.tag)
        } else {
            drop()
        }
        answer?.end()
    }

    private func cut() {
        drop()
        node.log.brokenOff.note(origin.map { "\($0.host):\($0.port)" }, on: loop)
        answer?.fail()
        client.take()?.abandon()
    }

    private func splice(_ head: HTTPResponseHead, _ rest: Span<UInt8>) {
        guard let client = client.take(), let own = client.switchProtocols(HTTPFieldLines(relaying: head)),
            let connection = connection.take()
        else { return drop() }
        SplicedConnections(of: own, and: connection, request, stallTime: client.shard.configuration.limits.stallTime)
            .begin(rest)
        client.continueInput()
    }

    private func drop() {
        guard let connection = connection.take() else { return }
        connection.close()
        forwarder.connectionEnded(to: request.tag)
    }

    private func rearm() {
        if let timer { loop.cancel(timer) }
        timer = machine.deadline.map { loop.schedule(self, at: $0) }
    }
}

extension ForwardedExchange: ConnectionHandler {
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        var cursor = 0
        while let action = machine.receive(bytes.span, from: &cursor, now: loop.compactNow) {
            switch action {
            case .piece(let range): answer?.append(bytes.span.extracting(range))
            case .splice(let head): splice(head, bytes.span.extracting(cursor..<bytes.count))
            case .connect, .send, .refuse, .answer, .end, .cut: perform(action)
            }
        }
        if answer?.isBehind == true { self.connection?.setReading(false) }
        rearm()
    }

    func peerFinished(_ connection: TCPConnection) {
        perform(machine.nodeFinished())
        drop()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        self.connection = nil
        forwarder.connectionEnded(to: request.tag)
        perform(machine.nodeFinished())
    }
}

extension ForwardedExchange: HTTPExchangeOwner {
    func exchangeAborted(_ connection: HTTPConnection) {
        abandon()
    }
}

extension ForwardedExchange: TimerTarget {
    func timerFired(now: EventLoop.Instant) {
        timer = nil
        let action = machine.handleTimeout(isPaused: answer?.isBehind == true, now: loop.compactNow)
        if case .refuse = action { node.log.unanswered.note("it takes too long", on: loop) }
        perform(action)
    }
}
