internal import NetLoop
internal import SocketIOWire

/// A request of another HTTP server, on its way to this one and back: it asks as a client would, over a connection within the
/// process. So there is one implementation of everything, and what bounds a client bounds whoever mounts. Lives on a loop.
final class MountedExchange {
    /// What comes of a request.
    enum Answer: Sendable {
        case head(HTTPResponseHead)
        /// The server has ended the connection instead.
        case none
        /// Who asked has given up, or could not say everything.
        case lost(any Error)
    }

    private enum State {
        case new
        /// The response has not come, or not whole.
        case asked(TCPConnection)
        /// What is sent and received is another protocol's.
        case upgraded(TCPConnection)
        case over
    }

    let loop: EventLoop
    private var state = State.new
    private var parser: HTTPResponseParser
    private var body: HTTPBodyWriter
    private var isUpgrade = false
    /// Who waits for the head of the response.
    private var asking: CheckedContinuation<Answer, Never>?
    /// What the client is to get.
    private var output: ArrivingBody?
    /// Who waits for room.
    private var senders: [CheckedContinuation<Bool, Never>] = []
    /// Who brings the body of the request.
    private var pump: Task<Void, Never>?

    /// - Parameter length: How the body of the request is sent.
    init(method: String, length: HTTPBodyLength, on loop: EventLoop) {
        self.loop = loop
        // The response is the application's: it has no limits of its own.
        parser = HTTPResponseParser(
            answering: method == "HEAD" ? .head : .get,
            limits: HTTPLimits(lineAndHeaderBytes: .max, headerCount: .max), bodyLimit: .max)
        body = HTTPBodyWriter(length)
    }

    /// Asks, over a connection whose other end the server has.
    ///
    /// - Parameter head: And a body that is there already.
    /// - Returns: Whether the server is to see it.
    func begin(
        over connection: DetachedConnection, _ head: [UInt8], into output: ArrivingBody,
        _ asking: CheckedContinuation<Answer, Never>
    ) -> Bool {
        guard case .new = state else {
            asking.resume(returning: .lost(CancellationError()))
            return false
        }
        guard let connection = connection.adopt(on: loop) else {
            state = .over
            asking.resume(returning: .none)
            return false
        }
        self.output = output
        self.asking = asking
        state = .asked(connection)
        connection.handler = self
        connection.send(head)
        return true
    }

    // MARK: Sending

    /// Sends a piece of the request's body; the continuation is told when there is room for more, or that there never will be.
    func sendBody(_ piece: [UInt8], _ continuation: CheckedContinuation<Bool, Never>) {
        guard case .asked(let connection) = state, body.takesPieces else {
            return continuation.resume(returning: false)
        }
        write(on: connection) { _ = body.beginPiece(of: piece.count, into: $0) }
        connection.send(piece)
        write(on: connection) { body.endPiece(into: $0) }
        waitForRoom(on: connection, continuation)
    }

    /// The request's body is whole.
    func endBody() {
        guard case .asked(let connection) = state else { return }
        write(on: connection) { _ = body.end(into: $0) }
    }

    /// The rest of the request's body cannot be had.
    func failBody(because error: any Error) {
        guard case .asked = state else { return }
        abort(because: error)
    }

    /// Whoever brings the body of the request is `pump`, which is cancelled when nobody wants it any more.
    func attend(to pump: Task<Void, Never>) {
        switch state {
        case .new, .asked: self.pump = pump
        case .upgraded, .over: pump.cancel()
        }
    }

    /// Sends what the client says after an upgrade; the continuation is told the same.
    func send(_ piece: [UInt8], _ continuation: CheckedContinuation<Bool, Never>) {
        guard case .upgraded(let connection) = state else { return continuation.resume(returning: false) }
        connection.send(piece)
        waitForRoom(on: connection, continuation)
    }

    /// The client says nothing more: what it has said is read, and what would be said to it is not.
    func finish() {
        guard case .upgraded(let connection) = state else { return }
        connection.finish()
        state = .over
        settle(.none)
        output?.end()
    }

    private func write(on connection: TCPConnection, _ body: (ByteWriter) -> Void) {
        let start = loop.beginOutput()
        body(loop.output)
        connection.enqueue(start..<loop.output.count)
    }

    private func waitForRoom(on connection: TCPConnection, _ continuation: CheckedContinuation<Bool, Never>) {
        if connection.isWritable { continuation.resume(returning: true) } else { senders.append(continuation) }
    }

    private func resumeSenders(_ hasRoom: Bool) {
        let waiting = senders
        senders = []
        for sender in waiting { sender.resume(returning: hasRoom) }
    }

    // MARK: Receiving

    private func read(_ bytes: Span<UInt8>) {
        var cursor = 0
        do throws(ProtocolViolation) {
            while case .asked(let connection) = state, let event = try parser.next(bytes, from: &cursor) {
                switch event {
                case .head(let head):
                    isUpgrade = head.status == 101
                    answer(.head(head))
                case .body(let range): output?.append(bytes.extracting(range))
                case .end: if isUpgrade { upgrade(connection) } else { end() }
                }
            }
        } catch {
            return lose()
        }
        guard case .upgraded = state, cursor < bytes.count else { return }
        output?.append(bytes.extracting(cursor..<bytes.count))
    }

    private func answer(_ answer: Answer) {
        asking?.resume(returning: answer)
        asking = nil
    }

    private func upgrade(_ connection: TCPConnection) {
        state = .upgraded(connection)
        pump?.cancel()
        pump = nil
    }

    // MARK: Ending

    /// All that the client is to get is there.
    private func end() {
        close(answering: .none)?.end()
    }

    /// Who asked gives up, or cannot go on; without effect on what is over.
    func abort(because error: any Error) {
        close(answering: .lost(error))?.lose()
    }

    /// Nothing more comes from the server: what is left of a response is missing, while a WebSocket is over in any case.
    func lose() {
        if case .upgraded = state { return end() }
        close(answering: .none)?.lose()
    }

    /// Returns what is to be told of the end, unless that was before.
    private func close(answering last: Answer) -> ArrivingBody? {
        switch state {
        case .asked(let connection), .upgraded(let connection): connection.close()
        case .new: break
        case .over: return nil
        }
        state = .over
        settle(last)
        return output
    }

    /// Nobody waits any more.
    private func settle(_ last: Answer) {
        pump?.cancel()
        pump = nil
        answer(last)
        resumeSenders(false)
    }
}

extension MountedExchange: ConnectionHandler {
    var readsWhatIsLeft: Bool { true }

    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        switch state {
        case .asked: read(bytes.span)
        case .upgraded: output?.append(bytes.span)
        case .new, .over: break
        }
    }

    func outputDrained(_ connection: TCPConnection) {
        resumeSenders(true)
    }

    func peerFinished(_ connection: TCPConnection) {
        // A body may end with its connection, as to a client of HTTP/1.0.
        if case .asked = state, case .end? = try? parser.receiveEnd() { return end() }
        lose()
    }

    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason) {
        lose()
    }
}

extension MountedExchange: BodySource {
    func pauseBody() { setReading(false) }
    func resumeBody() { setReading(true) }

    private func setReading(_ isWanted: Bool) {
        switch state {
        case .asked(let connection), .upgraded(let connection): connection.setReading(isWanted)
        case .new, .over: break
        }
    }
}
