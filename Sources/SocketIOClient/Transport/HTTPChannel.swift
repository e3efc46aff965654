internal import NetLoop
internal import SocketIOWire

/// A response that arrived whole.
struct HTTPReply {
    let head: HTTPResponseHead
    let body: [UInt8]
}

/// Sends requests one after the other, over one connection for as long as the server keeps it.
final class HTTPChannel {
    typealias Completion = (Result<HTTPReply, ClientError>) -> Void

    private enum State {
        case idle
        case connecting(any PendingConnection, [UInt8])
        case exchanging(TCPConnection)
        /// Nothing is asked; the server may close the connection any time.
        case kept(TCPConnection, since: ContinuousClock.Instant)
        case closed
    }

    /// A connection that was kept for longer is not used again: Node and uvicorn close theirs after 5 seconds, and a
    /// request that crosses the close would be lost.
    private static let keepTime = Duration.seconds(4)

    private let endpoint: Endpoint
    private let loop: EventLoop
    private var state = State.idle
    private var parser = HTTPResponseParser(answering: .get)
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var completion: Completion?
    private var timer: TimerID?

    init(to endpoint: Endpoint, on loop: EventLoop) {
        self.endpoint = endpoint
        self.loop = loop
    }

    /// Sends a request, while none is open.
    ///
    /// - Parameters:
    ///   - timeout: For the whole answer; nil for a poll, which the heartbeat limits.
    ///   - completion: Called once, on the loop and from a later turn, unless the channel is closed before.
    func send(_ method: HTTPMethod, _ request: [UInt8], timeout: Duration?, completion: @escaping Completion) {
        let limits = HTTPLimits(bodyBytes: endpoint.messageBytes)
        parser = HTTPResponseParser(answering: method, limits: limits)
        head = nil
        body = []
        self.completion = completion
        if let timeout { timer = loop.schedule(self, after: timeout) }
        switch state {
        case .kept(let connection, let since) where since.duration(to: loop.now) < Self.keepTime && keepsConnection:
            state = .exchanging(connection)
            connection.send(request)
        case .kept(let connection, _):
            connection.close()
            connect(toSend: request)
        case .idle:
            connect(toSend: request)
        case .closed: break
        case .connecting, .exchanging: preconditionFailure("a channel has one request open")
        }
    }

    /// Whether a request is with the server.
    var isAsking: Bool {
        switch state {
        case .exchanging: true
        case .idle, .connecting, .kept, .closed: false
        }
    }

    /// Whether there is a connection for the next request.
    var keepsConnection: Bool {
        switch state {
        case .kept(let connection, _): connection.isOpen
        case .idle, .connecting, .exchanging, .closed: false
        }
    }

    private func connect(toSend request: [UInt8]) {
        let connector = endpoint.connect(on: loop) { [self] result in connected(result) }
        state = .connecting(connector, request)
    }

    private func connected(_ result: Result<TCPConnection, ClientError>) {
        guard case .connecting(_, let request) = state else { return }
        switch result {
        case .success(let connection):
            connection.handler = self
            state = .exchanging(connection)
            connection.send(request)
        case .failure(let error):
            state = .idle
            finish(.failure(error))
        }
    }

    /// Closes whatever is open; the completion is not called.
    func close() {
        completion = nil
        stopTimer()
        switch state {
        case .connecting(let connector, _): connector.cancel()
        case .exchanging(let connection), .kept(let connection, _): connection.close()
        case .idle, .closed: break
        }
        state = .closed
    }

    private func finish(_ result: Result<HTTPReply, ClientError>) {
        stopTimer()
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    private func fail(_ error: ClientError) {
        switch state {
        case .connecting(let connector, _): connector.cancel()
        case .exchanging(let connection), .kept(let connection, _): connection.close()
        case .idle, .closed: return
        }
        state = .idle
        finish(.failure(error))
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

extension HTTPChannel: ConnectionHandler {
    var outputLimit: Int { endpoint.unsentBytes }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard case .exchanging = state else {
            // RFC 9112 9.5: bytes that answer nothing.
            connection.close()
            state = .idle
            return
        }
        var cursor = 0
        do throws(ProtocolViolation) {
            while let event = try parser.next(bytes.span, from: &cursor) {
                switch event {
                case .head(let head): self.head = head
                case .body(let range): body.append(bytes.span.extracting(range))
                case .end: return answered(connection, hasMore: cursor < bytes.count)
                }
            }
        } catch {
            fail(ClientError(error, from: endpoint.origin.hostField))
        }
    }

    private func answered(_ connection: TCPConnection, hasMore: Bool) {
        guard let head else { return }
        if head.keepsAlive, !hasMore, connection.isOpen {
            state = .kept(connection, since: loop.now)
        } else {
            connection.close()
            state = .idle
        }
        finish(.success(HTTPReply(head: head, body: body)))
    }

    func peerFinished(_ connection: TCPConnection) {
        ended(connection)
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        ended(connection)
    }

    private func ended(_ connection: TCPConnection) {
        switch state {
        case .exchanging:
            // How a body without a length ends.
            if let event = try? parser.receiveEnd(), case .end = event { return answered(connection, hasMore: true) }
            fail(.lost(endpoint.origin.hostField))
        case .kept:
            connection.close()
            state = .idle
        case .idle, .connecting, .closed: connection.close()
        }
    }
}

extension HTTPChannel: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        fail(ClientError(.timedOut, "\(endpoint.origin.hostField) did not answer a request in time"))
    }
}
