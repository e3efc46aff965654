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
    /// As much of a file as the kernel is offered at once.
    private static let fileBytes = 1024 * 1024

    /// How much of the body is on its way.
    package private(set) var byteCount = 0

    private let producer: any HTTPBodyProducer
    private weak var connection: HTTPConnection?
    package let loop: EventLoop
    private var state = State.wanting
    private var clientIsTold = false
    private var budget = TurnBudget()
    /// Whether the rest waits for another turn.
    private var isContinued = false

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
        let count = connection.send(file, range.lowerBound..<min(range.upperBound, range.lowerBound + Self.fileBytes))
        guard count > 0 else { return false }
        state = .wanting
        note(sent: count)
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

    /// The body cannot be made whole: the connection ends behind what there is of it, so that the client sees it.
    package func fail() {
        switch state {
        case .wanting, .asking, .asked:
            state = .over
            connection?.bodyFailed()
        case .over: break
        }
    }

    private func note(sent bytes: Int) {
        byteCount += bytes
        budget.spend(bytes)
    }

    private func transmit(_ piece: [UInt8]) {
        note(sent: piece.count)
        guard let connection, connection.send(piece: piece) else { return end() }
    }

    /// Asks for pieces while there is room for them.
    func pump() {
        while case .wanting = state, let connection, connection.hasRoom(below: Self.unsentLimit) {
            guard budget.hasRest(at: loop.compactNow) else { return continueLater() }
            state = .asking
            producer.produce(for: self)
            if case .asking = state { state = .asked }
        }
    }

    private func continueLater() {
        guard !isContinued else { return }
        isContinued = true
        loop.post(Continuation(stream: LoopBound(self, on: loop)))
    }

    private func continueNow() {
        isContinued = false
        budget.renew(at: loop.compactNow)
        pump()
    }

    /// The client has closed its side.
    func clientFinished() {
        guard !clientIsTold else { return }
        clientIsTold = true
        producer.clientLeft()
    }

    func serverCloses() {
        producer.serverCloses()
    }

    /// The connection is gone.
    func abort() {
        switch state {
        case .wanting, .asking, .asked:
            state = .over
            clientFinished()
            producer.connectionLost()
        case .over: break
        }
    }

    private struct Continuation: LoopMessage {
        let stream: LoopBound<HTTPBodyStream>

        func deliver(on loop: EventLoop) {
            stream.value.continueNow()
        }
    }
}
