internal import NetLoop

/// The body of a request, piece by piece as it arrives: see `HTTPRoutes.post(_:cors:maxBodyBytes:_:)`. Any task may read it.
public struct HTTPRequestBody: Sendable, AsyncSequence {
    private let body: LoopBound<ArrivingBody>

    init(_ body: LoopBound<ArrivingBody>) {
        self.body = body
    }

    /// Its pieces, in order and not empty, in whatever sizes they arrive.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        fileprivate let body: LoopBound<ArrivingBody>

        /// The next piece; nil after the last.
        ///
        /// - Throws: `CancellationError` if the rest of the body will not come, since the client has left, has taken too long or
        ///   has sent more than is taken, and if the task that waits is cancelled.
        public func next() async throws(CancellationError) -> [UInt8]? {
            try await ArrivingBody.next(of: body)
        }
    }

    /// Reads the body. Of several that read, each piece goes to one.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: body)
    }
}

extension ArrivingBody {
    /// The next piece of `body`; nil after the last. Any task.
    ///
    /// - Throws: `CancellationError` if the rest will not come, and if the task that waits is cancelled.
    static func next(of body: LoopBound<ArrivingBody>) async throws(CancellationError) -> [UInt8]? {
        switch await receive(from: body) {
        case .piece(let piece): return piece
        case .end: return nil
        case .lost, .nothingYet: throw CancellationError()
        }
    }

    private static func receive(from body: LoopBound<ArrivingBody>) async -> Available {
        switch body.valueIfCurrent?.takeNext() {
        case .nothingYet, nil: break
        case let next?: return next
        }
        let wait = TaskWait()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                body.loop.perform(BodyStep(body: body, action: .receive(continuation, wait)))
            }
        } onCancel: {
            wait.cancel()
            body.loop.post(BodyStep(body: body, action: .stopWaiting(wait)))
        }
    }
}

private struct BodyStep: LoopMessage {
    enum Action: Sendable {
        case receive(CheckedContinuation<ArrivingBody.Available, Never>, TaskWait)
        case stopWaiting(TaskWait)
    }

    let body: LoopBound<ArrivingBody>
    let action: Action

    func deliver(on loop: EventLoop) {
        switch action {
        case .receive(let continuation, let wait): body.value.receive(continuation, wait)
        case .stopWaiting(let wait): body.value.stopWaiting(wait)
        }
    }
}
