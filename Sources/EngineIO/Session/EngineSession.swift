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
package final class EngineSession {
    /// What is still to be done for the client.
    private enum State {
        case open
        /// Closed by this side over polling: the client fetches what is left.
        case draining(until: ContinuousClock.Instant)
        case closed
    }

    package let id: String
    /// The request that began the session.
    package let request: HTTPRequest
    package var handler: (any EngineSessionHandler)?

    let shard: EngineShard
    private var state = State.open
    private var heartbeat: EngineHeartbeat
    private var upgrade: EngineUpgrade
    private var polling: PollingTransport?
    private var webSocket: WebSocketConnection?
    private var probe: WebSocketConnection?
    private var timer: TimerID?
    private var timerDue: ContinuousClock.Instant

    init(id: String, transport: EngineTransport, request: HTTPRequest, shard: EngineShard) {
        self.id = id
        self.request = request
        self.shard = shard
        let now = shard.loop.now
        heartbeat = EngineHeartbeat(now: now, interval: shard.configuration.pingInterval)
        upgrade = EngineUpgrade(transport: transport)
        if transport == .polling { polling = PollingTransport() }
        timerDue = now.advanced(by: shard.configuration.pingInterval)
        timer = shard.loop.schedule(self, at: timerDue)
    }

    package var loop: EventLoop { shard.loop }
    package var transport: EngineTransport { upgrade.transport }

    package var isOpen: Bool {
        switch state {
        case .open: true
        case .draining, .closed: false
        }
    }

    /// Whether a message sent now leaves with this turn: what volatile packets depend on.
    package var isWritable: Bool {
        if let webSocket { return webSocket.isWritable }
        return polling?.poll != nil
    }

    /// Bytes that wait for the client to take them.
    package var bufferedByteCount: Int {
        webSocket?.bufferedByteCount ?? polling?.byteCount ?? 0
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

    /// Sends a text message that goes to several sessions of this loop.
    package func send(_ message: SharedMessage) {
        if let webSocket {
            webSocket.enqueue(message.frame)
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

    private func send(_ type: EnginePacketType, _ content: StaticString = "") {
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

    private func buffer(_ packet: PollingTransport.Packet) {
        guard isOpen, let polling else { return }
        polling.append(packet)
        if polling.byteCount > shard.sessionOutputLimit { return close(because: .transportError) }
        shard.noteUnsent(self)
    }

    /// Answers the open poll with what is buffered; called with the end of the turn, so that a burst is one response.
    func flushPoll() {
        guard let polling, !polling.isEmpty, let poll = polling.takePoll() else { return }
        poll.respond(pollResponse(polling.takeBody(using: loop.scratch)))
        poll.continueInput()
        switch state {
        case .draining: finishDraining()
        case .open, .closed: break
        }
    }

    private func pollResponse(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            fields: [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")] + corsFields,
            body: body)
    }

    private var corsFields: [(String, String)] {
        shard.configuration.cors.responseFields(origin: request.headers["origin"])
    }

    // MARK: Opening

    /// Sends the open packet over `webSocket`, which is the transport from the beginning.
    func open(over webSocket: WebSocketConnection) {
        self.webSocket = webSocket
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
    package func close(because reason: EngineCloseReason = .forcedClose) {
        guard isOpen else { return }
        if let webSocket {
            webSocket.close()
            end(because: reason)
        } else if reason == .transportError || reason == .pingTimeout || reason == .parseError {
            abandonPolling()
            end(because: reason)
        } else {
            drain(because: reason)
        }
    }

    /// Leaves the close packet for the client's next poll, or its open one.
    private func drain(because reason: EngineCloseReason) {
        polling?.append(.text(.close, []))
        let handler = handler
        self.handler = nil
        heartbeat.stop()
        closeProbe()
        let until = loop.now.advanced(by: shard.configuration.limits.pollingCloseTime)
        state = .draining(until: until)
        rearm()
        flushPoll()
        handler?.sessionClosed(reason)
    }

    private func finishDraining() {
        guard let polling, polling.isEmpty else { return }
        end(because: .forcedClose)
    }

    /// Answers an open poll with the close packet: the client sees the end at once.
    private func abandonPolling() {
        guard let polling, let poll = polling.takePoll() else { return }
        poll.respond(pollResponse([EnginePacketType.close.rawValue]))
        poll.continueInput()
    }

    /// The last thing that happens to a session.
    private func end(because reason: EngineCloseReason) {
        switch state {
        case .closed: return
        case .open, .draining: break
        }
        state = .closed
        heartbeat.stop()
        if let timer { loop.cancel(timer) }
        timer = nil
        webSocket = nil
        closeProbe()
        abandonPolling()
        polling?.post?.respond(Self.refusedPost)
        polling = nil
        shard.remove(self)
        let handler = handler
        self.handler = nil
        handler?.sessionClosed(reason)
    }

    private static var refusedPost: HTTPResponse { HTTPResponse(status: 400) }

    private func closeProbe() {
        probe?.close()
        probe = nil
        upgrade.disconnect()
    }

    /// A text packet of the transport that the session uses.
    private func receive(_ type: EnginePacketType, _ content: Span<UInt8>) {
        switch type {
        case .message:
            handler?.received(text: content)
        case .pong:
            heartbeat.receivePong(now: loop.now, interval: shard.configuration.pingInterval)
        case .ping:
            // Version 4 clients do not ping (Protocol.md 3.5).
            violate("a ping from the client", because: .transportError)
        case .close:
            // Over WebSocket its own close frame says it; a packet means nothing there.
            if webSocket == nil { end(because: .transportClose) }
        case .open, .upgrade, .noop:
            break
        }
    }

    private func violate(_ detail: StaticString, because reason: EngineCloseReason) {
        shard.configuration.logger.log(at: .debug, "session \(id) closed: \(detail)")
        close(because: reason)
    }
}

// MARK: Polling

extension EngineSession: HTTPExchangeOwner {
    /// A polling request that names the session, its body not read yet.
    func begin(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        switch head.method {
        case .get: beginPoll(on: exchange)
        case .post: beginPost(head, on: exchange)
        default: exchange.respond(HTTPResponse(status: 500, fields: corsFields))
        }
    }

    private func beginPoll(on exchange: HTTPConnection) {
        guard let polling else { return exchange.respond(HTTPResponse(status: 400, fields: corsFields)) }
        guard polling.poll == nil else {
            exchange.respond(HTTPResponse(status: 400, fields: corsFields))
            return violate("a poll while another is open", because: .transportError)
        }
        exchange.wait(for: self)
        polling.open(exchange)
        flushPoll()
    }

    private func beginPost(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        guard let polling, polling.post == nil else {
            exchange.respond(HTTPResponse(status: 400, fields: corsFields))
            return violate("a POST while another is being received", because: .transportError)
        }
        if head.fields["content-type"] == "application/octet-stream" {
            exchange.respond(HTTPResponse(status: 400, fields: corsFields))
            return violate("a binary payload, which version 4 does not have", because: .transportError)
        }
        polling.post = exchange
        exchange.collectBody(of: head, for: .session(self))
    }

    /// A POST is complete.
    func receive(body: [UInt8], on exchange: HTTPConnection) {
        polling?.post = nil
        receivePayload(body.span)
        exchange.respond(
            HTTPResponse(
                fields: [("Content-Type", "text/html"), ("Cache-Control", "no-store")] + corsFields,
                body: Array("ok".utf8)))
        exchange.continueInput()
    }

    private func receivePayload(_ body: Span<UInt8>) {
        guard isOpen else { return }
        do {
            guard (try? UTF8Span(validating: body)) != nil else {
                throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
            }
            var payload = EnginePayload(maxPackets: shard.configuration.limits.packetsPerPayload)
            // Protocol.md 3.7: what follows a close packet in the same payload is void.
            while isOpen, let packet = try payload.next(in: body) {
                switch packet {
                case .text(let type, let range): receive(type, body.extracting(range))
                case .binary(let bytes): handler?.received(binary: bytes)
                }
            }
        } catch {
            violate((error as? ProtocolViolation)?.detail ?? "a malformed payload", because: .parseError)
        }
    }

    /// A POST was refused while it arrived: over the limit, or too slow. The session stays (Protocol.md 3.3).
    func bodyRefused(_ exchange: HTTPConnection) {
        if polling?.post === exchange { polling?.post = nil }
    }

    func exchangeAborted(_ exchange: HTTPConnection) {
        guard let polling, polling.poll === exchange || polling.post === exchange else { return }
        if polling.poll === exchange { _ = polling.takePoll() }
        polling.post = nil
        if isOpen { violate("a polling request was aborted", because: .transportError) }
    }
}

// MARK: WebSocket and upgrade

extension EngineSession: WebSocketDelegate {
    /// A WebSocket handshake that names the session.
    func beginUpgrade(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        let accepted = upgrade.connect(now: loop.now, timeout: shard.configuration.upgradeTimeout)
        let webSocket = exchange.upgrade(head, limits: shard.webSocketLimits, delegate: accepted ? self : nil)
        guard accepted else {
            // Protocol.md 3.6: a second one is closed, the session untouched.
            webSocket?.close()
            return
        }
        guard let webSocket else { return upgrade.disconnect() }
        probe = webSocket
        rearm()
    }

    package func received(text: Span<UInt8>, on webSocket: WebSocketConnection) {
        if webSocket === self.webSocket {
            guard text.count > 0, let type = EnginePacketType(rawValue: text[0]) else {
                return violate("a message that is no packet", because: .parseError)
            }
            receive(type, text.extracting(1..<text.count))
        } else if webSocket === probe {
            let packet: EngineUpgrade.Packet = text.equals("2probe") ? .probe : text.equals("5") ? .upgrade : .other
            perform(upgrade.receive(packet, now: loop.now))
        }
    }

    package func received(binary: [UInt8], on webSocket: WebSocketConnection) {
        if webSocket === self.webSocket {
            handler?.received(binary: binary)
        } else if webSocket === probe {
            perform(upgrade.receive(.other, now: loop.now))
        }
    }

    package func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {
        if webSocket === probe {
            probe = nil
            upgrade.disconnect()
        } else if webSocket === self.webSocket {
            switch end {
            case .closedByPeer: self.end(because: .transportClose)
            case .failed(let failure):
                shard.configuration.logger.log(at: .debug, "session \(id) closed: \(failure.detail)")
                self.end(because: .transportError)
            case .broken: self.end(because: .transportError)
            }
        }
    }

    private func perform(_ action: EngineUpgrade.Action) {
        switch action {
        case .answerProbe:
            probe?.send(text: Array("3probe".utf8))
            releasePoll()
            rearm()
        case .releasePoll:
            releasePoll()
        case .switchTransport:
            switchTransport()
        case .abandon:
            probe?.close()
            probe = nil
        }
    }

    private func releasePoll() {
        guard let polling, let poll = polling.takePoll() else { return }
        poll.respond(pollResponse([EnginePacketType.noop.rawValue]))
        poll.continueInput()
    }

    private func switchTransport() {
        releasePoll()
        let rest = polling?.takePackets() ?? []
        polling = nil
        webSocket = probe
        probe = nil
        for packet in rest {
            switch packet {
            case .text(.message, let text): send(text: text.span)
            case .text(.ping, _): send(.ping)
            case .text: break
            case .binary(let bytes): send(binary: bytes)
            }
        }
    }
}

// MARK: Time

extension EngineSession: TimerTarget {
    /// The earliest of the session's deadlines.
    private var deadline: ContinuousClock.Instant? {
        switch state {
        case .draining(let until): return until
        case .closed: return nil
        case .open: break
        }
        switch (heartbeat.deadline, upgrade.deadline) {
        case (let heartbeat?, let upgrade?): return min(heartbeat, upgrade)
        case (let heartbeat?, nil): return heartbeat
        case (nil, let upgrade): return upgrade
        }
    }

    /// Brings the timer forward to the deadline; a later deadline is seen when the timer fires.
    private func rearm() {
        guard let deadline else { return }
        if let timer {
            guard deadline < timerDue else { return }
            loop.cancel(timer)
        }
        timerDue = deadline
        timer = loop.schedule(self, at: deadline)
    }

    package func timerFired(now: ContinuousClock.Instant) {
        timer = nil
        switch state {
        case .draining(let until) where now >= until: return end(because: .forcedClose)
        case .draining, .open: break
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
