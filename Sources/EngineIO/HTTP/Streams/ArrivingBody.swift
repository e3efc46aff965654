internal import NetLoop
internal import SocketIOWire

/// What a body comes from, and what can be made to wait.
protocol BodySource: AnyObject {
    func pauseBody()
    func resumeBody()
}

/// A body on its way to the task that reads it. Lives on the loop of the connection that it comes from.
final class ArrivingBody {
    /// What there is to read.
    enum Available {
        case piece([UInt8])
        /// The body is whole.
        case end
        /// The rest of it will never come.
        case lost
        /// The next piece has to be waited for.
        case nothingYet
    }

    private enum State {
        case arriving
        case whole
        case lost
    }

    /// Bytes that nobody has read, with their overhead, at which the client has to wait.
    private static let limit = 64 * 1024
    /// What a piece takes besides its bytes.
    private static let overhead = 64

    private weak var source: (any BodySource)?
    let loop: EventLoop
    private var state = State.arriving
    private var pieces = DepartureQueue<[UInt8]>()
    private var byteCount = 0
    /// Whether the client waits: until half is read, since going on copies what is behind.
    private var isPaused = false
    private var readers = DepartureQueue<(continuation: CheckedContinuation<Available, Never>, wait: TaskWait)>()
    /// Who reads it and answers; cancelled when the client leaves.
    var task: Task<Void, any Error>?

    init(from source: any BodySource, on loop: EventLoop) {
        self.source = source
        self.loop = loop
    }

    // MARK: For the connection

    func append(_ bytes: Span<UInt8>) {
        let piece = Array(bytes)
        if let reader = readers.removeFirst() { return reader.continuation.resume(returning: .piece(piece)) }
        pieces.append(piece, id: nil)
        byteCount += piece.count + Self.overhead
        guard byteCount >= Self.limit, !isPaused else { return }
        isPaused = true
        source?.pauseBody()
    }

    func end() {
        finish(.whole, telling: .end)
    }

    func clientFinished() {
        task?.cancel()
    }

    func abort() {
        lose()
        task?.cancel()
    }

    /// What is left of it is read by nobody.
    func lose() {
        finish(.lost, telling: .lost)
    }

    private func finish(_ state: State, telling last: Available) {
        guard case .arriving = self.state else { return }
        self.state = state
        while let reader = readers.removeFirst() { reader.continuation.resume(returning: last) }
    }

    // MARK: For the task

    func takeNext() -> Available {
        guard let piece = pieces.removeFirst() else {
            return switch state {
            case .arriving: .nothingYet
            case .whole: .end
            case .lost: .lost
            }
        }
        byteCount -= piece.count + Self.overhead
        if isPaused, byteCount < Self.limit / 2 {
            isPaused = false
            source?.resumeBody()
        }
        return .piece(piece)
    }

    func receive(_ continuation: CheckedContinuation<Available, Never>, _ wait: TaskWait) {
        switch takeNext() {
        case .nothingYet where !wait.isCancelled: readers.append((continuation, wait), id: wait.id)
        case .nothingYet: continuation.resume(returning: .lost)
        case let next: continuation.resume(returning: next)
        }
    }

    func stopWaiting(_ wait: TaskWait) {
        readers.remove(wait.id)?.continuation.resume(returning: .lost)
    }
}
