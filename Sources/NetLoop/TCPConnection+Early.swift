/// What came before whoever is to have it was there.
final class EarlyBytes {
    private let bytes: [UInt8]
    private var start = 0
    /// Whether its next piece is due with the next turn.
    var isDue = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { start == bytes.count }

    func take(_ limit: Int) -> [UInt8] {
        let end = min(start + limit, bytes.count)
        defer { start = end }
        return Array(bytes[start..<end])
    }
}

extension TCPConnection {
    /// Has the handler receive `bytes`, which came before it was there.
    ///
    /// Where the peer may compress it gets no more at once than is read of it then; the rest goes before what comes later, a
    /// piece in each turn in which the connection is read.
    package func receive(early bytes: [UInt8]) {
        guard let queue, queue.coder != nil else {
            var bytes = bytes
            var span = bytes.mutableSpan
            handler?.receive(&span, on: self)
            return
        }
        if case .peerFinished = state {
            // That comes again, behind them: the handler can have it wait as well.
            state = .open
            watch(for: .read, true)
        }
        queue.early = EarlyBytes(bytes)
        receiveEarly()
    }

    /// The peer's end came before the handler was there, too.
    package func receiveEarlyEnd() {
        if case .peerFinished = state { handler?.peerFinished(self) }
    }

    /// The next turn has come.
    fileprivate func receiveEarly() {
        guard let queue, let early = queue.early else { return }
        early.isDue = false
        guard isOpen, isReading else { return }
        guard !early.isEmpty else {
            queue.early = nil
            if let tls { noteState(of: tls) }
            return
        }
        var piece = early.take(Self.codedReadLimit)
        var span = piece.mutableSpan
        handler?.receive(&span, on: self)
        goOnEarly()
    }

    /// Goes on with what came early, if there is something of it.
    func goOnEarly() {
        guard let early = queue?.early, !early.isDue, isReading else { return }
        early.isDue = true
        loop.post(EarlyTurn(connection: LoopBound(self, on: loop)))
    }
}

private struct EarlyTurn: LoopMessage {
    let connection: LoopBound<TCPConnection>

    func deliver(on loop: EventLoop) {
        connection.value.receiveEarly()
    }
}
