package import NetLoop
package import SocketIOWire

/// What a session brings. Called on the session's loop, in the order received.
package protocol EngineSessionHandler: AnyObject {
    /// A text message, which is UTF-8; the bytes are valid during the call.
    func received(text: Span<UInt8>)
    func received(binary: [UInt8])
    /// The last call.
    func sessionClosed(_ reason: EngineCloseReason)
}

/// One client, over whichever transport it uses (Protocol.md 3). Lives on one loop.
package final class EngineSession: Keyed {
    /// What is still to be done for the client.
    enum State {
        case open
        /// Closed by this side over polling: the client fetches what is left, until `PollingTransport.drainDeadline`.
        case draining
        case closed
    }

    package var id: String { key.description }
    package let key: CompactID
    /// The request that began the session.
    package let request: KeptRequest
    private(set) var handler: (any EngineSessionHandler)?
    let shard: EngineShard
    /// What the packets travel by, one or the other; neither once the session is over.
    private(set) var polling: PollingTransport?
    private(set) var webSocket: WebSocketConnection?
    private var heartbeat: EngineHeartbeat
    var state = State.open
    /// Why the session ended; for a handler that came later.
    private var closeReason: EngineCloseReason?
    /// Whether `handler` has become another in this turn: who holds one has to take it anew.
    var handlerChanged = false
    private var timer: TimerID?

    init(id: String, transport: EngineTransport, request: KeptRequest, shard: EngineShard) {
        key = CompactID(id)
        self.request = request
        self.shard = shard
        let now = shard.loop.now
        heartbeat = EngineHeartbeat(now: now, interval: shard.configuration.pingInterval)
        if transport == .polling { polling = PollingTransport() }
        timer = shard.loop.schedule(self, at: now.advanced(by: shard.configuration.pingInterval))
    }

    package var loop: EventLoop { shard.loop }
    package var transport: EngineTransport { upgrade.transport }

    /// Only a session that is on polling can upgrade, and keeps something for it.
    var upgrade: EngineUpgrade {
        get { polling?.upgrade ?? EngineUpgrade(transport: .webSocket) }
        set { polling?.upgrade = newValue }
    }

    var probe: WebSocketConnection? {
        get { polling?.probe }
        set { polling?.probe = newValue }
    }

    /// The packets travel by `webSocket` from now on; what polling still had for the client is to be sent by it.
    func switchTransport(to webSocket: WebSocketConnection) {
        polling = nil
        self.webSocket = webSocket
    }

    package var isOpen: Bool {
        switch state {
        case .open: true
        case .draining, .closed: false
        }
    }

    var isDraining: Bool {
        switch state {
        case .draining: true
        case .open, .closed: false
        }
    }

    /// Whether a message sent now leaves with this turn: what volatile packets depend on.
    package var isWritable: Bool {
        if let webSocket { return webSocket.isWritable }
        return polling?.poll != nil
    }

    // MARK: Sending

    /// Sends a text message.
    @inline(__always)
    package func send(text: Span<UInt8>) {
        if let webSocket {
            webSocket.send(text: text, prefix: EnginePacketType.message.rawValue)
        } else {
            buffer(.text(.message, Array(text)))
        }
    }

    /// Sends as a text message what the loop's scratch holds from `start` on.
    package func send(scratchFrom start: Int) {
        // Moved out and back: to hold it once more would cost each message two atomic operations.
        if let webSocket = webSocket.take() {
            webSocket.send(scratchFrom: start, prefix: EnginePacketType.message.rawValue)
            self.webSocket = webSocket
        } else {
            let scratch = loop.scratch
            buffer(.text(.message, scratch.array(in: start..<scratch.count)))
        }
    }

    /// Sends a text message of about `count` bytes that `body` appends to the loop's output, without a copy; false if
    /// there is no WebSocket: polling's messages go through the scratch.
    ///
    /// - Parameter body: Runs no code of the application, which could send something itself.
    package func sendMessage(ofAbout count: Int, _ body: (ByteWriter) -> Void) -> Bool {
        guard let webSocket = webSocket.take() else { return false }
        webSocket.sendText(prefix: EnginePacketType.message.rawValue, ofAbout: count, body)
        self.webSocket = webSocket
        return true
    }

    /// Sends a text message that goes to several sessions of this loop.
    package func send(_ message: inout SharedMessage) {
        if let webSocket = webSocket.take() {
            webSocket.send(&message)
            self.webSocket = webSocket
        } else {
            buffer(.text(.message, message.text))
        }
    }

    package func send(binary: [UInt8]) {
        if let webSocket {
            webSocket.send(binary: binary)
        } else {
            buffer(.binary(binary))
        }
    }

    func send(_ type: EnginePacketType, _ content: StaticString = "") {
        if let webSocket {
            let start = loop.beginOutput()
            WebSocketWriter.appendHeader(.text, payloadCount: content.utf8CodeUnitCount + 1, to: loop.output)
            loop.output.append(type.rawValue)
            loop.output.append(content)
            webSocket.enqueue(start..<loop.output.count)
        } else {
            buffer(.text(type, Array(content.description.utf8)))
        }
    }

    func buffer(_ packet: PollingTransport.Packet) {
        guard isOpen, let polling else { return }
        // What is over the limit ends the session with the turn: the caller is in the middle of application code.
        if polling.byteCount <= shard.sessionOutputLimit { polling.append(packet) }
        shard.noteUnsent(self)
    }

    // MARK: Opening

    /// Gives what comes to `handler`, whose making may have ended the session already.
    func begin(with handler: any EngineSessionHandler) {
        if let closeReason { return handler.sessionClosed(closeReason) }
        self.handler = handler
    }

    /// Gives what comes from now on to `handler`, unless the session has ended.
    package func pass(to handler: any EngineSessionHandler) {
        guard self.handler != nil else { return }
        self.handler = handler
        handlerChanged = true
    }

    /// Sends the open packet over `webSocket`, which is the transport from the beginning.
    func open(over webSocket: WebSocketConnection) {
        switchTransport(to: webSocket)
        shard.handshake(for: self).append(to: loop.scratch)
        webSocket.send(text: loop.scratch.array())
        loop.scratch.removeAll()
    }

    /// Answers the first poll with the open packet.
    func open(over exchange: HTTPConnection) {
        shard.handshake(for: self).append(to: loop.scratch)
        let body = loop.scratch.array()
        loop.scratch.removeAll()
        exchange.respond(pollResponse(body))
    }

    // MARK: Ending

    /// Ends the session from this side, after what was sent so far.
    ///
    /// - Parameter code: What a WebSocket is closed with, if the reason does not say enough.
    package func close(because reason: EngineCloseReason = .forcedClose, code: WebSocketCloseCode? = nil) {
        guard isOpen else { return }
        if let webSocket {
            webSocket.close(code ?? reason.closeCode)
            end(because: reason)
        } else if reason == .transportError || reason == .pingTimeout || reason == .parseError {
            abandonPolling()
            end(because: reason)
        } else {
            drain(because: reason)
        }
    }

    /// Lets the client fetch what is left, and then the close packet.
    func drain(because reason: EngineCloseReason) {
        heartbeat.stop()
        // A client whose probe is answered polls no more: it gets what is left once it has switched.
        if !upgrade.isProbed { closeProbe() }
        let until = loop.now.advanced(by: shard.configuration.limits.pollingCloseTime)
        polling?.drainDeadline = until
        state = .draining
        rearm()
        let tell = detachHandler(reason)
        flushPoll()
        tell?.sessionClosed(reason)
    }

    /// The last thing that happens to a session.
    func end(because reason: EngineCloseReason) {
        switch state {
        case .closed: return
        case .open, .draining: break
        }
        state = .closed
        heartbeat.stop()
        if let timer { loop.cancel(timer) }
        timer = nil
        closeProbe()
        abandonPolling()
        polling?.post?.respond(Self.refusedPost)
        polling = nil
        webSocket = nil
        shard.remove(self)
        detachHandler(reason)?.sessionClosed(reason)
    }

    /// The handler, for its last call; only the first reason counts.
    private func detachHandler(_ reason: EngineCloseReason) -> (any EngineSessionHandler)? {
        if closeReason == nil { closeReason = reason }
        defer { handler = nil }
        return handler
    }

    static var refusedPost: HTTPResponse { HTTPResponse(status: 400) }

    func closeProbe() {
        probe?.close(.normal)
        probe = nil
        upgrade.disconnect()
    }

    /// A text packet of the transport that the session uses.
    func receive(_ type: EnginePacketType, _ content: Span<UInt8>) {
        switch type {
        case .message:
            handler?.received(text: content)
        case .pong:
            heartbeat.receivePong(now: loop.now, interval: shard.configuration.pingInterval)
            rearm()
        case .ping:
            // Version 4 clients do not ping (Protocol.md 2.1).
            violate("a ping from the client", because: .transportError)
        case .close:
            // Over WebSocket its own close frame says it; a packet means nothing there.
            guard webSocket == nil else { return }
            // Protocol.md 3.3: the client's own poll needs no close packet.
            releasePoll()
            end(because: .transportClose)
        case .open, .upgrade, .noop:
            break
        }
    }

    func violate(_ detail: StaticString, because reason: EngineCloseReason) {
        shard.configuration.logger.log(at: .debug, "session \(id) closed: \(detail)")
        close(because: reason)
    }
}

extension EngineCloseReason {
    /// What a WebSocket is closed with (Protocol.md 1.5).
    fileprivate var closeCode: WebSocketCloseCode {
        switch self {
        case .transportClose, .forcedClose: .normal
        case .serverShuttingDown: .goingAway
        case .transportError, .parseError: .protocolError
        case .pingTimeout: .policyViolation
        }
    }
}

// MARK: Time

extension EngineSession: TimerTarget {
    /// The earliest of the session's deadlines.
    private var deadline: ContinuousClock.Instant? {
        switch state {
        case .draining: return polling?.drainDeadline
        case .closed: return nil
        case .open: break
        }
        switch (heartbeat.deadline, upgrade.deadline) {
        case (let heartbeat?, let upgrade?): return min(heartbeat, upgrade)
        case (let heartbeat?, nil): return heartbeat
        case (nil, let upgrade): return upgrade
        }
    }

    /// Sets the timer to the deadline.
    func rearm() {
        guard let deadline else { return }
        if let timer { loop.cancel(timer) }
        timer = loop.schedule(self, at: deadline)
    }

    package func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .draining:
            if let deadline = polling?.drainDeadline, now >= deadline { return end(because: .forcedClose) }
        case .open: break
        case .closed: return
        }
        switch heartbeat.handleTimeout(now: now, timeout: shard.configuration.pingTimeout) {
        case .sendPing: send(.ping)
        case .closeTimedOut: close(because: .pingTimeout)
        case nil: break
        }
        if let action = upgrade.handleTimeout(now: now) { perform(action) }
        rearm()
    }
}
