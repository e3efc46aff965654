internal import NetLoop

/// The body of a response, for whoever writes it piece by piece: see `HTTPResponse.stream`. Any task may use it.
public struct ResponseStream: Sendable {
    private let body: LoopBound<WrittenBody>

    init(_ body: LoopBound<WrittenBody>) {
        self.body = body
    }

    /// Sends the next bytes, once the client has taken all but 64 KiB of those before.
    ///
    /// Pieces go out in the order of the calls, one at a time. A task that is cancelled can still write: its client may only
    /// have closed its side.
    ///
    /// - Throws: `CancellationError` if the connection is gone, or the body was ended before.
    public func write(_ bytes: [UInt8]) async throws(CancellationError) {
        guard await send(bytes) else { throw CancellationError() }
    }

    /// The same for a text, in UTF-8.
    public func write(_ text: String) async throws(CancellationError) {
        try await write(Array(text.utf8))
    }

    /// Whether it is sent.
    private func send(_ piece: [UInt8]) async -> Bool {
        if let isSent = body.valueIfCurrent?.sendAtOnce(piece) { return isSent }
        return await withCheckedContinuation { continuation in
            body.loop.perform(WrittenPiece(bytes: piece, continuation: continuation, body: body))
        }
    }
}

private struct WrittenPiece: LoopMessage {
    let bytes: [UInt8]
    let continuation: CheckedContinuation<Bool, Never>
    let body: LoopBound<WrittenBody>

    func deliver(on loop: EventLoop) {
        body.value.send(bytes, continuation)
    }
}

extension EventLoop {
    /// Delivers `message` now where the caller is on the loop's thread, and otherwise in a later turn.
    func perform(_ message: some LoopMessage) {
        if isCurrent { message.deliver(on: self) } else { post(message) }
    }
}
