internal import NetLoop
internal import SocketIOWire

// A server beside another one, whose port, TLS and HTTP it uses.

extension EngineIOServer {
    /// Serves without a port of its own, in the background: requests come from `respond(to:body:)`.
    ///
    /// `waitUntilClosed`, `shutdown(draining:)` and `close` do what they do after `listen`; `configuration` counts from here on.
    ///
    /// - Throws: `ListenError` if the server runs already, or the system has no thread for it.
    public func start() async throws(ListenError) {
        _ = try await listen(on: .process(nil), tls: nil, configuration)
    }

    /// Answers a request that another HTTP server has read: one of the engine, or of `http`.
    ///
    /// Everything else is as for a client that came by itself: limits, times, hooks, logs. A long poll is answered when there is
    /// something to say. When the client leaves, cancel the task: that ends the request, and for a poll its session.
    ///
    /// What the server cannot answer is answered for it: 503 while it does not run or has no place, 400 where HTTP/1.1 has no
    /// words for the request. Also a server that listens can be asked.
    ///
    /// - Parameters:
    ///   - request: As the client sent it.
    ///   - body: The whole body.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func respond(
        to request: MountedRequest, body: [UInt8] = []
    ) async throws(CancellationError) -> MountedResponse {
        let length: HTTPBodyLength = body.isEmpty && !request.mayHaveBody ? .none : .fixed(body.count)
        do {
            return try await answer(request, length, body) { _ in }
        } catch {
            // Nothing else can go wrong with a body that is there.
            throw CancellationError()
        }
    }

    /// The same for a body that is still to come: it is read as the server takes it, which has answered before its end where
    /// it needs no more of it.
    ///
    /// Of a request without `Content-Length` and `Transfer-Encoding` whose method needs no body, none is read.
    ///
    /// - Throws: What `body` throws before the answer begins, which ends the request; `CancellationError` if the task is
    ///   cancelled.
    public func respond<Body: AsyncSequence & Sendable>(
        to request: MountedRequest, body: Body
    ) async throws -> MountedResponse where Body.Element == [UInt8] {
        guard request.mayHaveBody else { return try await respond(to: request) }
        return try await answer(request, .chunked, []) { $0.beginBody(body) }
    }

    /// - Parameter begun: Called once the request is on its way.
    private func answer(
        _ request: MountedRequest, _ length: HTTPBodyLength, _ body: [UInt8],
        _ begun: (LoopBound<MountedExchange>) -> Void
    ) async throws -> MountedResponse {
        guard let running else { return MountedResponse("The server does not run: start() comes first.", status: 503) }
        guard let head = request.head(before: length) else {
            return MountedResponse("The request has what HTTP/1.1 does not allow.", status: 400)
        }
        guard let ends = try? DetachedConnection.pair(peer: request.peer, isSecure: request.isSecure) else {
            return MountedResponse("The system has no descriptor left.", status: 503)
        }
        let shard = running.shard(forSession: request.sessionID)
        let link = MountedLink(method: request.method, length: length, on: shard.loop)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                shard.loop.post(
                    MountedOpening(
                        link: link, near: ends.0, far: ends.1, bytes: head + body, shard: shard,
                        accept: running.accept, continuation: continuation))
                begun(link.exchange)
            }
        } onCancel: {
            link.abort()
        }
        switch answer {
        case .head(let head): return MountedResponse(head, over: link)
        case .none: return MountedResponse("The server is full, or closes.", status: 503)
        case .lost(let error): throw error
        }
    }
}

/// A request on its way to its loop.
private struct MountedOpening: LoopMessage {
    let link: MountedLink
    let near: DetachedConnection
    let far: DetachedConnection
    let bytes: [UInt8]
    let shard: LoopBound<EngineShard>
    let accept: Listener.Accept
    let continuation: CheckedContinuation<MountedExchange.Answer, Never>

    func deliver(on loop: EventLoop) {
        guard shard.value.isRunning else { return continuation.resume(returning: .none) }
        let isBegun = link.exchange.value.begin(over: near, bytes, into: link.output.value, continuation)
        if isBegun { far.adopt(on: loop).map(accept) }
    }
}
