package import NetLoop

/// The body of one response on its way, for its producer: asks for a piece whenever the client has taken most of the
/// ones before. Lives on the connection's loop.
package final class HTTPBodyStream {
    private enum State {
        /// The next piece is wanted once there is room for it.
        case wanting
        /// The producer is being asked, and may answer at once.
        case asking
        /// The producer was asked, and answers later.
        case asked
        /// The body is whole, or nobody takes it any more.
        case over
    }

    /// Unsent bytes of the connection from which on no further piece is asked for.
    package static let unsentLimit = 64 * 1024
    /// Bytes, and pieces, after which other connections have their turn.
    private static let turnBytes = 1024 * 1024
    private static let turnPieces = 1024

    /// How much of the body is on its way.
    package private(set) var byteCount = 0

    private let producer: any HTTPBodyProducer
    private weak var connection: HTTPConnection?
    package let loop: EventLoop
    private var state = State.wanting
    private var clientIsTold = false

    init(_ producer: any HTTPBodyProducer, over connection: HTTPConnection) {
        self.producer = producer
        self.connection = connection
        loop = connection.loop
    }

    /// Gives the client the next piece; one that was not asked for is dropped.
    package func send(_ piece: [UInt8]) {
        switch state {
        case .asking:
            state = .wanting
            transmit(piece)
        case .asked:
            state = .wanting
            transmit(piece)
            pump()
        case .wanting, .over: break
        }
    }

    /// Gives the client, for a producer that is being asked, the next of a file: as much as the kernel takes at once. False
    /// if that is nothing; then it is read for a piece, which waits.
    func send(_ file: OpenFile, _ range: Range<Int>) -> Bool {
        guard case .asking = state, let connection else { return false }
        let count = connection.send(file, range.lowerBound..<min(range.upperBound, range.lowerBound + Self.turnBytes))
        guard count > 0 else { return false }
        state = .wanting
        byteCount += count
        if !connection.takesPieces { end() }
        return true
    }

    /// The body is whole.
    package func end() {
        switch state {
        case .wanting, .asking, .asked:
            state = .over
            connection?.bodyEnded()
        case .over: break
        }
    }

    private func transmit(_ piece: [UInt8]) {
        byteCount += piece.count
        guard let connection, connection.send(piece: piece) else { return end() }
    }

    /// Asks for pieces while there is room for them.
    func pump() {
        let start = byteCount
        var pieces = 0
        while case .wanting = state, let connection, connection.hasRoom(below: Self.unsentLimit) {
            guard byteCount - start < Self.turnBytes, pieces < Self.turnPieces else {
                loop.post(Continuation(stream: LoopBound(self, on: loop)))
                return
            }
            pieces += 1
            state = .asking
            producer.produce(for: self)
            if case .asking = state { state = .asked }
        }
    }

    /// The client has closed its side.
    func clientFinished() {
        guard !clientIsTold else { return }
        clientIsTold = true
        producer.clientLeft()
    }

    /// The connection is gone.
    func abort() {
        switch state {
        case .wanting, .asking, .asked:
            state = .over
            clientFinished()
        case .over: break
        }
    }

    private struct Continuation: LoopMessage {
        let stream: LoopBound<HTTPBodyStream>

        func deliver(on loop: EventLoop) {
            stream.value.pump()
        }
    }
}
