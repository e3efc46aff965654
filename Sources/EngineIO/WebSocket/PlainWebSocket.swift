internal import NetLoop
internal import SocketIOWire

/// A WebSocket that a task of the application speaks itself, without Engine.IO. Lives on its connection's loop.
final class PlainWebSocket {
    private let route: WebSocketRoute
    let shard: EngineShard
    /// There from the answer to the request until either side closes.
    private(set) var webSocket: WebSocketConnection?
    private var handle: WebSocket?
    private var task: Task<Void, any Error>?
    /// How the client closed.
    private(set) var clientClose: WebSocketClose?

    // What the client sent: see PlainWebSocket+Receiving.swift.
    var inbox = WebSocketInbox()
    var readers = DepartureQueue<(continuation: CheckedContinuation<WebSocketMessage?, Never>, wait: TaskWait)>()
    var heartbeat: WebSocketHeartbeat
    private var timer: TimerID?

    // What it is sent: see PlainWebSocket+Sending.swift.
    var writers = DepartureQueue<Writer>()
    /// What is held for the message that was sent last.
    var lastHeld = 0
    var budget = TurnBudget()
    /// Whether those that wait go on in another turn.
    var isContinued = false

    var loop: EventLoop { shard.loop }

    init(_ route: WebSocketRoute, on shard: EngineShard) {
        self.route = route
        self.shard = shard
        heartbeat = WebSocketHeartbeat(
            interval: shard.configuration.pingInterval, timeout: shard.configuration.pingTimeout,
            now: shard.loop.compactNow)
    }

    /// The request is answered.
    func begin(_ webSocket: WebSocketConnection, _ request: HTTPRequest, _ subprotocol: String?) {
        self.webSocket = webSocket
        handle = WebSocket(LoopBound(self, on: loop), request, subprotocol)
        rearm()
        // Not here: the connection is being given over.
        loop.whenTurnEnds(self)
    }

    private func start() {
        guard let handle = handle.take(), webSocket != nil else { return }
        let bound = LoopBound(self, on: loop)
        let handler = route.handler
        let task = loop.startTask {
            do {
                try await handler(handle)
                bound.value.close(.normal)
            } catch {
                bound.value.failed(error, isCancelled: Task.isCancelled)
            }
        }
        if webSocket != nil { self.task = task }
    }

    private func failed(_ error: any Error, isCancelled: Bool) {
        // Who closes, and goes on sending, has its own reasons.
        let isOver = isCancelled || webSocket == nil && error is CancellationError
        if isOver {
            shard.configuration.logger.log(at: .debug, "\(route) ended with its WebSocket: \(error)")
        } else {
            shard.log.failures.note("\(route) failed", "\(error)", on: loop)
        }
        close(.internalError)
    }

    // MARK: Closing

    /// Closes from this side; what waits to be sent is not.
    func close(_ code: WebSocketCloseCode, reason: String = "") {
        guard let webSocket = webSocket.take() else { return }
        webSocket.connection.setReading(true)
        webSocket.close(code.maySend ? code : .internalError, reason: reason)
        // The client's close frame may be in what is not taken apart yet.
        if inbox.hasRest {
            let (bytes, cursor) = inbox.takeRest()
            var rest = Array(bytes[cursor...])
            var span = rest.mutableSpan
            webSocket.receive(&span, on: webSocket.connection)
        }
        endWaiting()
        if !code.maySend { shard.log.closeCode.note("\(code.rawValue)", on: loop) }
    }

    /// The client closed, and said how.
    func noteClose(_ code: WebSocketCloseCode?, _ reason: String) {
        clientClose = WebSocketClose(code: code, reason: reason)
    }

    /// Nobody is waited for any more. Messages that are there can still be read.
    private func endWaiting() {
        if let timer { loop.cancel(timer) }
        timer = nil
        countInbox()
        while let reader = readers.removeFirst() { reader.continuation.resume(returning: nil) }
        while let writer = writers.removeFirst() { writer.continuation.resume(returning: false) }
    }

    func stopWaiting(_ wait: TaskWait) {
        readers.remove(wait.id)?.continuation.resume(returning: nil)
        writers.remove(wait.id)?.continuation.resume(returning: false)
    }
}

extension PlainWebSocket: WebSocketDelegate {
    /// Beside the last message, which goes out when little waits: its size is the application's choice, not the client's.
    var outputLimit: Int {
        let (sum, overflow) = shard.sessionOutputLimit.addingReportingOverflow(lastHeld)
        return overflow ? .max : sum
    }
    var stallTime: Duration? { shard.configuration.limits.stallTime }

    func webSocket(on connection: TCPConnection) -> WebSocketConnection? { webSocket }

    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {
        self.webSocket = nil
        inbox.dropRest()
        endWaiting()
        task.take()?.cancel()
        switch end {
        case .failed(let failure):
            shard.configuration.logger.log(at: .debug, "\(route) closed: \(failure.detail)")
        case .unread:
            shard.limitCounts.note("slowConsumer")
            shard.configuration.logger.log(at: .debug, "\(route) closed: the client does not take what it is sent")
        case .closedByPeer, .broken: break
        }
    }
}

extension PlainWebSocket: ServerCloseObserver {
    func serverCloses() {
        close(.goingAway)
        task.take()?.cancel()
    }
}

extension PlainWebSocket: TurnEndTarget {
    func turnEnds() {
        start()
    }
}

// Whether the client is still there.

extension PlainWebSocket: TimerTarget {
    private func rearm() {
        timer = loop.schedule(self, at: heartbeat.deadline)
    }

    func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        // A ping would wait behind what the client has to take first, which is watched by `stallTime`.
        let waits = webSocket.map { $0.connection.bufferedByteCount > 0 } ?? false
        switch heartbeat.handleTimeout(now: loop.compactNow, isHearing: !inbox.hasRest && !waits) {
        case .ping: webSocket?.sendFrame(.ping, Span())
        case .close:
            close(.policyViolation)
            task.take()?.cancel()
            return
        case nil: break
        }
        rearm()
    }
}
