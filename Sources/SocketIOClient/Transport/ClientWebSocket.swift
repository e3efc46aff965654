internal import NetLoop
internal import SocketIOWire

/// What a WebSocket brings. Called on its loop, and not from within `init`.
protocol ClientWebSocketDelegate: AnyObject {
    /// The opening handshake is complete.
    func webSocketOpened(_ webSocket: ClientWebSocket)
    /// A text message, which is UTF-8; the bytes are valid during the call.
    func received(text: Span<UInt8>, on webSocket: ClientWebSocket)
    func received(binary: [UInt8], on webSocket: ClientWebSocket)
    /// The last call, unless it was `close` that ended it. Nil if the server closed it in order.
    /// - Parameter code: That of the peer's close frame, if there was one.
    func webSocketEnded(_ webSocket: ClientWebSocket, because error: ClientError?, code: WebSocketCloseCode?)
}

/// Speaks RFC 6455 to a server, from the TCP connection on.
final class ClientWebSocket {
    private enum State {
        case connecting(any PendingConnection)
        case handshaking(TCPConnection)
        case open(TCPConnection)
        /// Our close frame is sent, or the server's is answered.
        case closing(TCPConnection)
        case ended
    }

    private let endpoint: Endpoint
    private let target: String
    private let fields: HTTPFieldLines
    private let loop: EventLoop
    /// Nil once it has heard the end. Not weak, which would make every use of the connection slower.
    private var delegate: (any ClientWebSocketDelegate)?
    private var state = State.ended
    private let handshake: WebSocketClientHandshake
    private var parser = HTTPResponseParser(answering: .get, limits: HTTPLimits(bodyBytes: 16 * 1024))
    private var responseHead: HTTPResponseHead?
    private var responseBody: [UInt8] = []
    private var reader: WebSocketReader
    /// There once the server has agreed to it.
    private var compression: ClientCompression?
    private var closing = WebSocketClosing(role: .client)
    private var keys = MaskingKeys()
    private var timer: TimerID?

    /// Connects, and asks for `target`: path and query.
    init(
        to endpoint: Endpoint, target: String, fields: HTTPFieldLines, on loop: EventLoop,
        delegate: any ClientWebSocketDelegate
    ) {
        self.endpoint = endpoint
        self.target = target
        self.fields = fields
        self.loop = loop
        self.delegate = delegate
        var generator = SystemRandomNumberGenerator()
        handshake = WebSocketClientHandshake(
            nonce: (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) },
            compresses: endpoint.compression != nil)
        reader = WebSocketReader(
            role: .client, limits: WebSocketLimits(messageBytes: endpoint.messageBytes))
        // It keeps itself until the connection is there, which then does.
        state = .connecting(endpoint.connect(on: loop) { result in self.connected(result) })
        timer = loop.schedule(self, after: endpoint.connectTimeout)
    }

    private func connected(_ result: Result<TCPConnection, ClientError>) {
        guard case .connecting = state else { return }
        switch result {
        case .failure(let error): end(because: error)
        case .success(let connection):
            connection.handler = self
            state = .handshaking(connection)
            let start = loop.beginOutput()
            let isSent = handshake.appendRequest(
                target: target, host: endpoint.origin.hostField, fields: fields, to: loop.output)
            // The target is percent-encoded and the host checked when the URL was read.
            precondition(isSent, "a request target that cannot be sent")
            connection.enqueue(start..<loop.output.count)
        }
    }

    /// Whether everything sent before this turn is with the kernel.
    var isWritable: Bool {
        switch state {
        case .open(let connection): connection.isWritable
        case .connecting, .handshaking, .closing, .ended: false
        }
    }

    // MARK: Sending

    func send(_ opcode: WebSocketOpcode, _ payload: Span<UInt8>) {
        guard case .open(let connection) = state else { return }
        let start = loop.beginOutput()
        let key = keys.next()
        if compression?.appendFrame(opcode, payload, maskedWith: key, to: loop.output) != true {
            WebSocketWriter.appendFrame(opcode, payload, maskedWith: key, to: loop.output)
        }
        connection.enqueue(start..<loop.output.count)
    }

    /// Closes after what was sent so far. The delegate hears nothing more.
    func close() {
        delegate = nil
        switch state {
        case .connecting, .handshaking: end(because: nil)
        case .open(let connection):
            state = .closing(connection)
            act(on: closing.close(.normal, now: loop.now, timeout: endpoint.closeTime), connection)
        case .closing, .ended: break
        }
    }

    private func act(on actions: [WebSocketClosing.Action], _ connection: TCPConnection) {
        for action in actions {
            switch action {
            case .sendClose(let code):
                let start = loop.beginOutput()
                WebSocketWriter.appendClose(code, maskedWith: keys.next(), to: loop.output)
                connection.enqueue(start..<loop.output.count)
            case .disconnect: end(because: nil)
            }
        }
        rearm()
    }

    private func rearm() {
        stopTimer()
        // The timer keeps this object for as long as the server may take.
        if let deadline = closing.deadline { timer = loop.schedule(self, at: deadline) }
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    // MARK: Ending

    private func end(because error: ClientError?) {
        stopTimer()
        switch state {
        case .connecting(let connector): connector.cancel()
        case .handshaking(let connection), .open(let connection), .closing(let connection): connection.close()
        case .ended: return
        }
        state = .ended
        let delegate = delegate
        self.delegate = nil
        delegate?.webSocketEnded(self, because: error, code: nil)
    }

    /// Tells the delegate that it is over, while the close handshake goes on.
    private func tellEnd(because error: ClientError?, code: WebSocketCloseCode? = nil) {
        let delegate = delegate
        self.delegate = nil
        delegate?.webSocketEnded(self, because: error, code: code)
    }
}

// MARK: Receiving

extension ClientWebSocket: ConnectionHandler {
    var outputLimit: Int { endpoint.unsentBytes }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        var cursor = 0
        switch state {
        case .handshaking:
            receiveResponse(bytes.span, from: &cursor, on: connection)
            guard case .open = state else { return }
            receiveFrames(&bytes, from: cursor, on: connection)
        case .open, .closing:
            receiveFrames(&bytes, from: cursor, on: connection)
        case .connecting, .ended: break
        }
    }

    private func receiveResponse(_ bytes: Span<UInt8>, from cursor: inout Int, on connection: TCPConnection) {
        do throws(ProtocolViolation) {
            while let event = try parser.next(bytes, from: &cursor) {
                switch event {
                case .head(let head): responseHead = head
                case .body(let range): responseBody.append(bytes.extracting(range))
                case .end: return try answered(connection)
                }
            }
        } catch {
            end(because: ClientError(error, from: endpoint.origin.hostField))
        }
    }

    private func answered(_ connection: TCPConnection) throws(ProtocolViolation) {
        guard let head = responseHead else { return }
        guard head.status == 101 else {
            return end(because: ClientError(unexpected: head, body: responseBody, from: endpoint.origin))
        }
        if let terms = try handshake.accept(head).compression, let settings = endpoint.compression {
            compression = ClientCompression(terms, settings)
            reader = WebSocketReader(
                role: .client, limits: WebSocketLimits(messageBytes: endpoint.messageBytes), compresses: true)
        }
        stopTimer()
        responseHead = nil
        state = .open(connection)
        delegate?.webSocketOpened(self)
    }

    private func receiveFrames(_ bytes: inout MutableSpan<UInt8>, from start: Int, on connection: TCPConnection) {
        var cursor = start
        do throws(WebSocketFailure) {
            while let event = try reader.next(&bytes, from: &cursor) {
                handle(event, bytes.span, on: connection)
                if case .ended = state { return }
            }
        } catch {
            fail(error, on: connection)
        }
    }

    private func handle(_ event: WebSocketEvent, _ bytes: Span<UInt8>, on connection: TCPConnection) {
        if case .close(let code, reason: _) = event { return receiveClose(code, on: connection) }
        guard case .open = state else { return }
        switch event {
        case .text(.inPlace(let range)): delegate?.received(text: bytes.extracting(range), on: self)
        case .text(.assembled(let text)): delegate?.received(text: text.span, on: self)
        case .binary(.inPlace(let range)): delegate?.received(binary: Array(bytes.extracting(range)), on: self)
        case .binary(.assembled(let message)): delegate?.received(binary: message, on: self)
        case .compressed(let kind, let payload): inflate(kind, payload, on: connection)
        case .ping(.inPlace(let range)): send(.pong, bytes.extracting(range))
        case .ping(.assembled(let payload)): send(.pong, payload.span)
        case .pong, .close: break
        }
    }

    private func inflate(_ kind: WebSocketEvent.CompressedKind, _ payload: [UInt8], on connection: TCPConnection) {
        do throws(WebSocketFailure) {
            let message = try compression?.inflate(kind, payload, limit: endpoint.messageBytes) ?? []
            switch kind {
            case .text: delegate?.received(text: message.span, on: self)
            case .binary: delegate?.received(binary: message, on: self)
            }
        } catch {
            fail(error, on: connection)
        }
    }

    private func receiveClose(_ code: WebSocketCloseCode?, on connection: TCPConnection) {
        state = .closing(connection)
        act(on: closing.receiveClose(code, now: loop.now, timeout: endpoint.closeTime), connection)
        tellEnd(because: nil, code: code)
    }

    private func fail(_ failure: WebSocketFailure, on connection: TCPConnection) {
        state = .closing(connection)
        act(on: closing.fail(failure, now: loop.now, timeout: endpoint.closeTime), connection)
        tellEnd(because: ClientError(.badResponse, "\(endpoint.origin.hostField) broke WebSocket: \(failure.detail)"))
    }

    func peerFinished(_ connection: TCPConnection) {
        ended()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        ended()
    }

    private func ended() {
        switch state {
        case .handshaking: end(because: .lost(endpoint.origin.hostField))
        case .open, .closing: end(because: nil)
        case .connecting, .ended: break
        }
    }
}

extension ClientWebSocket: TimerTarget {
    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .connecting, .handshaking:
            end(because: ClientError(.timedOut, "\(endpoint.origin.hostField) did not complete the handshake in time"))
        case .open(let connection), .closing(let connection):
            act(on: closing.handleTimeout(now: now), connection)
        case .ended: break
        }
    }
}

/// Keys for the frames of a client, which nobody can predict (RFC 6455 10.3). Asked for in bulk: the system takes as
/// long for one as a small message does.
private struct MaskingKeys {
    private var keys = InlineArray<16, UInt32>(repeating: 0)
    private var unused = 0

    mutating func next() -> UInt32 {
        if unused == 0 {
            var span = keys.mutableSpan
            SystemRandom.fill(&span)
            unused = keys.count
        }
        unused -= 1
        return keys[unused]
    }
}
