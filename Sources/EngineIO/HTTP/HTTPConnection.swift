internal import NetLoop
internal import SocketIOWire

/// Whom a request waits for.
protocol HTTPExchangeOwner: AnyObject {
    /// The connection is gone before the response; nothing can be answered any more.
    func exchangeAborted(_ exchange: HTTPConnection)
}

/// Speaks HTTP/1.1 on a connection: one request at a time, in order, until it is closed or becomes a WebSocket.
final class HTTPConnection: ConnectionHandler {
    /// Who gets a request when its body is complete.
    enum BodyTarget {
        case routes
        case session(EngineSession)
    }

    private enum State {
        /// A request's head is awaited or arriving.
        case head
        /// A request's body is collected for its target.
        case body(HTTPRequestHead, [UInt8], BodyTarget)
        /// The response will come from elsewhere, maybe much later.
        case waiting(HTTPExchange, (any HTTPExchangeOwner)?)
        /// The request belongs to another loop; the connection goes there once what arrived is put together.
        case leaving(HTTPRequestHead, to: Int, sessionID: String?)
        /// The connection is a WebSocket now.
        case upgraded
        case closed
    }

    let connection: TCPConnection
    private let shard: EngineShard
    private var parser: HTTPRequestParser
    private var state = State.head
    /// Whether the parser is between a head and its end.
    private var isInMessage = false
    /// Whether the request at hand has a body that is not all there.
    private var bodyIsMissing = false
    private var isProcessing = false
    /// Whether the client sends nothing more, but waits for answers.
    private var isPeerFinished = false
    /// What arrived while a response was awaited.
    private var stash: [UInt8] = []
    private var deadline: ContinuousClock.Instant
    private var timer: TimerID?
    private var timerDue: ContinuousClock.Instant
    /// Whether the clock of the next request's head runs: from the start of a connection, or from the first byte.
    private var isHeadTimed = true
    /// Unsent bytes when the idle time was over last.
    private var lastUnsent = Int.max

    /// How much a client may pipeline before its connection is not read any more.
    private static let stashLimit = 64 * 1024
    /// Larger bodies are sent from where they are.
    private static let copyLimit = 64 * 1024

    init(_ connection: TCPConnection, shard: EngineShard) {
        self.connection = connection
        self.shard = shard
        parser = HTTPRequestParser(limits: shard.httpLimits)
        deadline = connection.loop.now.advanced(by: shard.configuration.limits.requestHeadTime)
        timerDue = deadline
        connection.handler = self
        timer = connection.loop.schedule(self, at: deadline)
    }

    var loop: EventLoop { connection.loop }

    /// Whether the request at hand can still be answered.
    var isWaiting: Bool {
        switch state {
        case .waiting: true
        case .head, .body, .leaving, .upgraded, .closed: false
        }
    }

    // MARK: Receiving

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard !stash.isEmpty else { return process(bytes.span) }
        // What waits for the end of the turn came first.
        stash.append(bytes.span)
        if wantsInput {
            processStash()
        } else {
            settle()
        }
    }

    private func processStash() {
        let bytes = stash
        stash = []
        process(bytes.span)
    }

    private func process(_ bytes: Span<UInt8>) {
        isProcessing = true
        var cursor = 0
        do {
            while wantsInput, let event = try parser.next(bytes, from: &cursor) { handle(event, bytes) }
            noteProgress(hasPartialHead: cursor > 0)
        } catch {
            fail(error)
        }
        isProcessing = false
        if cursor < bytes.count { stash.append(bytes.extracting(cursor..<bytes.count)) }
        settle()
    }

    private var wantsInput: Bool {
        switch state {
        case .head, .body: true
        case .waiting: isInMessage
        case .leaving, .upgraded, .closed: false
        }
    }

    private func handle(_ event: HTTPEvent, _ bytes: Span<UInt8>) {
        switch event {
        case .head(let head):
            guard connection.bufferedByteCount <= shard.configuration.limits.bufferedBytes else {
                // What a client that asks and never reads can make the server hold.
                shard.configuration.logger.log(at: .debug, "\(connection.peer) asks for more than it reads")
                end()
                return connection.finish()
            }
            // RFC 9110 10.1.1.
            guard head.version == .http10 || head.fields["expect"] == nil || head.expectsContinue else {
                return fail(HTTPFailure(417, "an unknown expectation"))
            }
            isInMessage = true
            bodyIsMissing = head.bodyLength.hasBytes
            isHeadTimed = false
            expire(after: shard.configuration.limits.requestBodyTime)
            state = .waiting(HTTPExchange(answering: head), nil)
            shard.begin(head, on: self, assignedID: nil)
        case .body(let range):
            switch state {
            case .body(let head, var body, let target):
                // Taken out first, so that the array is grown in place.
                state = .head
                body.append(bytes.extracting(range))
                state = .body(head, body, target)
            case .head, .waiting, .leaving, .upgraded, .closed: break
            }
        case .end:
            isInMessage = false
            bodyIsMissing = false
            switch state {
            case .body(let head, let body, let target):
                let exchange = HTTPExchange(answering: head)
                state = .waiting(exchange, nil)
                switch target {
                case .routes: shard.route(HTTPRequest(head: head, on: connection, body: body), on: self)
                case .session(let session):
                    state = .waiting(exchange, session)
                    session.receive(body: body, on: self)
                }
            case .head, .waiting, .leaving, .upgraded, .closed: break
            }
        }
    }

    /// Does what had to wait until the bytes at hand were taken apart.
    private func settle() {
        guard !isProcessing else { return }
        switch state {
        case .leaving(let head, let index, let sessionID):
            leave(head, to: index, sessionID: sessionID)
        case .upgraded:
            forwardStash()
        case .head where !stash.isEmpty:
            processStash()
        case .head where isPeerFinished:
            end()
            connection.finish()
        case .waiting:
            connection.setReading(stash.count <= Self.stashLimit)
        case .closed:
            stash = []
        case .head, .body:
            break
        }
    }

    func peerFinished(_ connection: TCPConnection) {
        // What waits for the end of the turn came first.
        settle()
        switch state {
        case .waiting(_, nil):
            // The answer is on its way, and the peer may still read it.
            isPeerFinished = true
        case .head, .body, .waiting, .leaving, .upgraded, .closed:
            abort()
            // The last answer may still be on its way.
            connection.finish()
        }
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        abort()
    }

    private func abort() {
        let state = state
        end()
        switch state {
        case .waiting(_, let owner): owner?.exchangeAborted(self)
        case .body(_, _, .session(let session)): session.exchangeAborted(self)
        case .body(_, _, .routes), .head, .leaving, .upgraded, .closed: break
        }
    }

    private func end() {
        state = .closed
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func fail(_ failure: HTTPFailure) {
        shard.configuration.logger.log(at: .debug, "HTTP \(failure.status) to \(connection.peer): \(failure.detail)")
        let aborted = state
        switch aborted {
        case .body(_, _, .session(let session)): refuse(failure, session.corsFields)
        case .body(_, _, .routes), .head, .waiting, .leaving, .upgraded, .closed: refuse(failure)
        }
        switch aborted {
        case .body(_, _, .session(let session)) where failure.status == 413: session.bodyRefused(self)
        case .body(_, _, .session(let session)): session.exchangeAborted(self)
        case .waiting(_, let owner): owner?.exchangeAborted(self)
        case .body(_, _, .routes), .head, .leaving, .upgraded, .closed: break
        }
    }

    /// Answers with what went wrong, and ends the connection.
    private func refuse(_ failure: HTTPFailure, _ corsFields: [(String, String)] = []) {
        var fields = failure.fields
        for (name, value) in corsFields { fields.append(name, value) }
        let start = loop.beginOutput()
        HTTPResponseWriter.append(status: failure.status, fields: fields, to: .unreadable, into: loop.output)
        connection.enqueue(start..<loop.output.count)
        end()
        connection.finish()
    }

    // MARK: What is done with a request

    /// Collects the body for `target`; a client that asked is told to send it.
    func collectBody(of head: HTTPRequestHead, for target: BodyTarget) {
        guard case .waiting = state else { return }
        state = .body(head, [], target)
        // RFC 9110 10.1.1: not before a body that will be refused.
        if head.expectsContinue, !shard.httpLimits.isExceeded(by: head.bodyLength) {
            let start = loop.beginOutput()
            loop.output.append(HTTPResponseWriter.continue)
            connection.enqueue(start..<loop.output.count)
        }
    }

    /// Leaves the request open until `respond`.
    func wait(for owner: any HTTPExchangeOwner) {
        guard case .waiting(let exchange, _) = state else { return }
        state = .waiting(exchange, owner)
    }

    /// Moves the connection, with this request, to the loop of the session that it names.
    func handOver(_ head: HTTPRequestHead, to index: Int, sessionID: String? = nil) {
        guard case .waiting = state else { return }
        state = .leaving(head, to: index, sessionID: sessionID)
        settle()
    }

    private func leave(_ head: HTTPRequestHead, to index: Int, sessionID: String?) {
        let unread = stash
        stash = []
        end()
        // Without a peer that still sends there is nothing to hand over.
        guard let detached = connection.detach(unread: unread) else { return connection.close() }
        let message = HandedOverRequest(
            connection: detached, head: head, parser: parser, isInMessage: isInMessage, sessionID: sessionID,
            shard: shard.siblings[index])
        shard.siblings[index].loop.post(message)
    }

    /// Goes on with a request that another loop began to read.
    func resume(_ request: HandedOverRequest) {
        parser = request.parser
        isHeadTimed = false
        expire(after: shard.configuration.limits.requestBodyTime)
        isInMessage = request.isInMessage
        bodyIsMissing = isInMessage && request.head.bodyLength.hasBytes
        state = .waiting(HTTPExchange(answering: request.head), nil)
        stash = request.connection.unread
        isProcessing = true
        shard.begin(request.head, on: self, assignedID: request.sessionID)
        isProcessing = false
        guard isInMessage else { return settle() }
        processStash()
    }

    /// Answers the request at hand; without effect if it is gone. Who answers later calls `continueInput` then, once
    /// they are ready for the client's next request.
    ///
    /// - Parameter closing: Whether the connection ends after it, whatever the request wants.
    func respond(_ response: HTTPResponse, closing: Bool = false) {
        var exchange: HTTPExchange
        switch state {
        case .waiting(let waiting, _): exchange = waiting
        case .body(let head, _, _): exchange = HTTPExchange(answering: head)
        case .head: exchange = .unreadable
        case .leaving, .upgraded, .closed: return
        }
        // What is left of a refused body is not worth reading.
        if closing || shard.isClosing || bodyIsMissing { exchange.keepsAlive = false }
        send(response, exchange)
        if exchange.keepsAlive {
            state = .head
            lastUnsent = .max
            expire(after: shard.configuration.limits.keepAliveTime)
            connection.setReading(true)
        } else {
            end()
            connection.finish()
        }
    }

    private func send(_ response: HTTPResponse, _ exchange: HTTPExchange) {
        var fields = HTTPFieldLines()
        for (name, value) in response.fields { fields.append(name, value) }
        let start = loop.beginOutput()
        let isLarge = response.body.count > Self.copyLimit
        HTTPResponseWriter.append(
            status: response.status, fields: fields, body: response.body.span, bodyFollows: isLarge, to: exchange,
            into: loop.output)
        connection.enqueue(start..<loop.output.count)
        if isLarge, !exchange.omitsBody { connection.send(response.body) }
    }

    /// Answers 101 and makes the connection a WebSocket; what the client sent already follows once the caller is done.
    func upgrade(
        _ head: HTTPRequestHead, settings: WebSocketSettings, delegate: (any WebSocketDelegate)?
    ) -> WebSocketConnection? {
        guard case .waiting = state else { return nil }
        let accept: String
        do {
            accept = try WebSocketHandshake.accept(head)
        } catch {
            refuse(error)
            return nil
        }
        let start = loop.beginOutput()
        WebSocketHandshake.appendResponse(accept: accept, to: loop.output)
        connection.enqueue(start..<loop.output.count)
        end()
        state = .upgraded
        connection.setReading(true)
        return WebSocketConnection(connection, settings: settings, delegate: delegate)
    }

    /// Closes the connection unless a request is under way.
    func closeIfIdle() {
        switch state {
        case .head:
            end()
            connection.close()
        case .body, .waiting, .leaving, .upgraded, .closed: break
        }
    }

    /// Lets what arrived behind the request go on, after a response or an upgrade that came later.
    ///
    /// With the end of the turn: who answers may be in the middle of application code, which is not to be entered again
    /// there.
    func continueInput() {
        guard !isProcessing else { return }
        loop.whenTurnEnds(self)
    }

    private func forwardStash() {
        guard !stash.isEmpty else { return }
        var bytes = stash
        stash = []
        var span = bytes.mutableSpan
        connection.handler?.receive(&span, on: connection)
    }

    private func noteProgress(hasPartialHead: Bool) {
        guard case .head = state, hasPartialHead, !parser.isIdle, !isHeadTimed else { return }
        // The first byte of a head starts its clock; later ones do not stop it.
        isHeadTimed = true
        expire(after: shard.configuration.limits.requestHeadTime)
    }
}

extension HTTPLimits {
    /// Whether a body is announced with more bytes than are taken.
    fileprivate func isExceeded(by length: HTTPBodyLength) -> Bool {
        switch length {
        case .fixed(let count): count > bodyBytes
        case .none, .chunked, .untilClose: false
        }
    }
}

// MARK: Time

extension HTTPConnection: TurnEndTarget {
    package func turnEnds() {
        settle()
    }
}

extension HTTPConnection: TimerTarget {
    /// Sets the deadline, and brings the timer forward to it; a later one is seen when the timer fires.
    private func expire(after limit: Duration) {
        deadline = loop.now.advanced(by: limit)
        if deadline < timerDue { rearm() }
    }

    private func rearm() {
        if let timer { loop.cancel(timer) }
        timerDue = deadline
        timer = loop.schedule(self, at: deadline)
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .waiting:
            // The one who answers has deadlines of their own; look again after the next request could have begun.
            deadline = now.advanced(by: shard.configuration.limits.keepAliveTime)
            rearm()
        case .head, .body:
            guard now >= deadline else { return rearm() }
            let unsent = connection.bufferedByteCount
            if parser.isIdle, unsent > 0, unsent < lastUnsent {
                // Not idle: the client is still reading the last response.
                lastUnsent = unsent
                expire(after: shard.configuration.limits.keepAliveTime)
                return rearm()
            }
            if !parser.isIdle {
                fail(HTTPFailure(408, "the request took too long"))
            } else {
                end()
                connection.close()
            }
        case .leaving, .upgraded, .closed:
            break
        }
    }
}

/// A request on its way to the loop of its session.
struct HandedOverRequest: LoopMessage {
    let connection: DetachedConnection
    let head: HTTPRequestHead
    let parser: HTTPRequestParser
    let isInMessage: Bool
    /// The id that the application chose for a session that is about to begin.
    let sessionID: String?
    let shard: LoopBound<EngineShard>

    func deliver(on loop: EventLoop) {
        guard let connection = connection.adopt(on: loop) else { return }
        HTTPConnection(connection, shard: shard.value).resume(self)
    }
}
