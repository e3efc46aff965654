internal import NetLoop
internal import SocketIOWire

/// Speaks HTTP/1.1 on a connection, as `HTTPServerExchange` decides, until it is closed or becomes a WebSocket.
final class HTTPConnection: ConnectionHandler, ServerCloseObserver, BodySource {
    let connection: TCPConnection
    let shard: EngineShard
    var exchange: HTTPServerExchange
    var owner = HTTPRequestOwner.nobody
    /// What the application adds to the answer to the request at hand.
    var added: [HTTPField] = []
    /// There while somebody keeps an access log and a request of theirs is under way.
    var access: AccessRecord?
    private var timer: (id: TimerID, due: CompactInstant)?

    /// A client has connected.
    convenience init(_ connection: TCPConnection, shard: EngineShard) {
        self.init(
            connection, shard: shard,
            exchange: HTTPServerExchange(limits: shard.httpLimits, now: connection.loop.compactNow))
    }

    init(_ connection: TCPConnection, shard: EngineShard, exchange: consuming HTTPServerExchange) {
        self.connection = connection
        self.shard = shard
        self.exchange = exchange
        connection.handler = self
        update()
    }

    var loop: EventLoop { connection.loop }

    /// Whether the request at hand can still be answered.
    var isWaiting: Bool { exchange.isWaiting }
    var owesAnswer: Bool { exchange.owesAnswer }

    /// Whether more of the body of the response at hand is wanted.
    var takesPieces: Bool { exchange.takesPieces }

    // MARK: What happens to the connection

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        if !exchange.keepIfBehind(bytes.span) { read(bytes.span) }
        goOn()
    }

    func peerFinished(_ connection: TCPConnection) {
        goOn()
        exchange.peerFinished()
        goOn()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        if let action = exchange.connectionLost() { perform(action) }
        update()
    }

    func outputDrained(_ connection: TCPConnection) {
        if case .stream(let stream) = owner { stream.pump() }
    }

    /// Closes the connection, unless a request is under way: then with its answer.
    func serverCloses() {
        if let action = exchange.shutDown() { perform(action) }
        if case .stream(let stream) = owner { stream.serverCloses() }
        update()
    }

    /// The loop serves nobody any more: tells who is at work for the client, and closes the connection.
    func abandon() {
        if let action = exchange.connectionLost() { perform(action) }
        connection.close()
        update()
    }

    private func read(_ bytes: Span<UInt8>) {
        var cursor = 0
        while let action = exchange.receive(
            bytes, from: &cursor, unsent: connection.bufferedByteCount, now: loop.compactNow)
        {
            if case .piece(let range) = action, case .body(let body) = owner {
                body.append(bytes.extracting(range))
            } else {
                perform(action)
            }
        }
        if cursor < bytes.count { exchange.keep(bytes.extracting(cursor..<bytes.count)) }
    }

    /// Does what had to wait until the bytes at hand were taken apart.
    private func goOn() {
        while let action = exchange.proceed() { perform(action) }
        update()
    }

    /// Lets what arrived behind the request go on, after a response or an upgrade that came later.
    ///
    /// With the end of the turn: who answers may be in the middle of application code, which is not to be entered again
    /// there.
    func continueInput() {
        if exchange.canProceed { loop.whenTurnEnds(self) }
    }

    func perform(_ action: HTTPServerExchange.Action) {
        switch action {
        case .begin(let head): shard.begin(head, on: self)
        case .piece: break
        case .bodyEnd: if case .body(let body) = owner { body.end() }
        case .complete(let head, let body): complete(head, body)
        case .read(let bytes): read(bytes.span)
        case .forward(let bytes): connection.receive(early: bytes)
        case .forwardEnd: connection.receiveEarlyEnd()
        case .leave: leave()
        case .noteHalfClose: owner.clientFinished()
        case .refuse(let failure): refuse(failure)
        case .finish(let reason):
            if let reason { log("\(connection.peer) \(reason)") }
            let owner = takeOwner()
            connection.finish()
            owner.abort(self)
        case .close: close()
        case .cut(let reason):
            close()
            log("\(connection.peer) \(reason)")
        }
    }

    private func close() {
        let owner = takeOwner()
        connection.close()
        owner.abort(self)
    }

    private func complete(_ head: HTTPRequestHead, _ body: [UInt8]) {
        switch owner {
        case .target(.session(let session, let origin)):
            exchange.wait(.aborts)
            session.receive(body: body, from: origin, on: self)
        case .target(.node(let request)): request.begin(body, on: self)
        case .nobody, .target(.routes), .body, .waiter, .task, .stream, .shard:
            owner = .nobody
            let depth = shard.configuration.jsonDepth
            shard.route(HTTPRequest(head: head, on: self, body: body, jsonDepth: depth), on: self)
        }
    }

    private func refuse(_ failure: HTTPFailure) {
        log("HTTP \(failure.status) to \(connection.peer): \(failure.detail)")
        access?.status = failure.status
        let owner = takeOwner()
        var fields = failure.fields
        for (name, value) in owner.corsFields.replaced(by: takeAdded()) { fields.append(name, value) }
        fields.append(shard.clock.date(at: loop.compactNow))
        write { HTTPResponseWriter.append(status: failure.status, fields: fields, to: .unreadable, into: $0) }
        connection.finish()
        owner.refuse(failure, self)
    }

    private func leave() {
        guard case .shard(let shard, let head, let step) = takeOwner() else { return }
        let departing = exchange.depart()
        guard let detached = connection.detach(unread: []) else { return connection.close() }
        shard.loop.post(HandedOverRequest(detached, departing, head, step, takeAdded(), to: shard))
    }

    /// Goes on with a request that another loop began to read.
    func resume(_ head: HTTPRequestHead, _ step: EngineStep, _ added: [HTTPField]) {
        self.added = added
        exchange.arrive()
        shard.resume(head, step, on: self)
        goOn()
    }

    /// The request at hand is over, or goes to another loop.
    private func takeOwner() -> HTTPRequestOwner {
        endAccess(byteCount: owner.sentByteCount)
        defer { owner = .nobody }
        return owner
    }

    func takeAdded() -> [HTTPField] {
        defer { added = [] }
        return added
    }

    private func log(_ line: @autoclosure () -> String) {
        shard.configuration.logger.log(at: .debug, line())
    }

    func write(_ body: (ByteWriter) -> Void) {
        let start = loop.beginOutput()
        body(loop.output)
        connection.enqueue(start..<loop.output.count)
    }

    // MARK: What is done with a request

    /// Collects the body for `target`; a client that asked is told to send it.
    func collectBody(of head: HTTPRequestHead, for target: BodyTarget) {
        owner = .target(target)
        guard exchange.collectBody(of: head, now: loop.compactNow) else { return }
        write { $0.append(HTTPResponseWriter.continue) }
    }

    /// Gives the body to `body` as it arrives; a client that asked is told to send it.
    func streamBody(of head: HTTPRequestHead, to body: ArrivingBody, limit: Int) {
        owner = .body(body)
        guard exchange.streamBody(of: head, limit: limit, now: loop.compactNow) else { return }
        write { $0.append(HTTPResponseWriter.continue) }
    }

    /// The body has to wait.
    func pauseBody() {
        exchange.pauseBody()
    }

    /// The body goes on, with the end of the turn.
    func resumeBody() {
        exchange.resumeBody(now: loop.compactNow)
        continueInput()
        update()
    }

    /// Leaves the request open until `respond`, or until its client closes its side.
    func wait(for waiter: any HTTPExchangeOwner) {
        guard exchange.isWaiting else { return }
        exchange.wait(.aborts)
        owner = .waiter(waiter)
    }

    /// Leaves the request to `operation`, which is cancelled when the client leaves.
    func wait(
        _ halfClose: HTTPServerExchange.HalfClose,
        for operation: @escaping @Sendable () async -> Void
    ) {
        exchange.wait(halfClose)
        let task = loop.startTask(operation)
        // It may have answered at once, or left the request to somebody else.
        if exchange.isWaiting, case .nobody = owner { owner = .task(task) }
    }

    /// It is known what becomes of a request that waited for that.
    func decided() {
        owner = .nobody
        exchange.decided()
    }

    /// Moves the connection, with this request and what is decided about it, to another loop.
    func handOver(_ head: HTTPRequestHead, to shard: LoopBound<EngineShard>, for step: EngineStep) {
        if exchange.leave() { owner = .shard(shard, head, step) }
    }
}

extension HTTPConnection: TurnEndTarget {
    func turnEnds() {
        goOn()
    }
}

extension HTTPConnection: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        let unsent = connection.untakenByteCount
        if let action = exchange.handleTimeout(unsent: unsent, now: loop.compactNow) { perform(action) }
        update()
    }

    /// Reads and wakes up as the exchange wants it. A timer that is too early stays: it is set anew when it fires.
    func update() {
        guard let needs = exchange.needs else {
            if let timer { loop.cancel(timer.id) }
            timer = nil
            return
        }
        connection.setReading(needs.isReading)
        guard let deadline = needs.deadline else { return }
        if let timer {
            guard deadline < timer.due else { return }
            loop.cancel(timer.id)
        }
        timer = (loop.schedule(self, at: deadline), deadline)
    }
}
