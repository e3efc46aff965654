internal import NetLoop
internal import SocketIOWire

/// The body of another node's answer on its way to the client: what has come, and who waits for more. Lives on one loop.
final class RelayedBody: HTTPBodyProducer {
    private enum End {
        case mayCome
        case whole
        case broken
    }

    private weak var exchange: ForwardedExchange?
    /// There while a piece is wanted.
    private var stream: HTTPBodyStream?
    private var pending: [UInt8] = []
    private var ending = End.mayCome

    init(of exchange: ForwardedExchange) {
        self.exchange = exchange
    }

    /// Whether the client has yet to take what came.
    var isBehind: Bool { !pending.isEmpty }

    func append(_ piece: Span<UInt8>) {
        if let stream = stream.take() {
            stream.send(Array(piece))
        } else {
            pending.append(piece)
        }
    }

    func end() {
        ending = .whole
        if let stream = stream.take() { stream.end() }
    }

    /// It will not be whole.
    func fail() {
        ending = .broken
        if let stream = stream.take() { stream.fail() }
    }

    func produce(for stream: HTTPBodyStream) {
        if isBehind {
            let piece = pending
            pending = []
            stream.send(piece)
            exchange?.goOn()
            return
        }
        switch ending {
        case .mayCome: self.stream = stream
        case .whole: stream.end()
        case .broken: stream.fail()
        }
    }

    func clientLeft() {}

    func connectionLost() {
        stream = nil
        exchange?.abandon()
    }
}
