internal import NetLoop
internal import SocketIOEvents
internal import SocketIOWire

// What the connection brings. Each of these is one change: the application hears of it when it is whole.

extension ManagerCore: ClientEngineDelegate {
    func engineOpened(_ engine: any ClientEngine) {
        guard case .opening(let current, _) = state, current === engine else { return }
        callouts.begin()
        defer { callouts.end() }
        state = .open(engine)
        isUnderstood = false
        rearm()
        let attempt = reconnection.opened(now: loop.now)
        noteTransport(of: engine)
        setTransport(engine.transport)
        log(.debug, "is connected to \(hostField) by \(engine.transport.rawValue)")
        callouts.add { [self] in for callback in callbacks.open.inOrder() { callback() } }
        if let attempt {
            callouts.add { [self] in for callback in callbacks.reconnect.inOrder() { callback(attempt) } }
        }
        for socket in socketsInOrder { socket.connectionOpened() }
    }

    func engineUpgraded(_ engine: any ClientEngine) {
        guard case .open(let current) = state, current === engine else { return }
        callouts.begin()
        defer { callouts.end() }
        noteTransport(of: engine)
        setTransport(engine.transport)
        log(.debug, "goes on by \(engine.transport.rawValue)")
        callouts.add { [self] in for callback in callbacks.upgrade.inOrder() { callback() } }
    }

    func enginePinged(_ engine: any ClientEngine) {
        callouts.begin()
        defer { callouts.end() }
        noteTransport(of: engine)
        guard !callbacks.ping.isEmpty else { return }
        callouts.add { [self] in for callback in callbacks.ping.inOrder() { callback() } }
    }

    func engineClosed(_ engine: any ClientEngine, because reason: EngineCloseReason, error: ClientError?) {
        callouts.begin()
        defer { callouts.end() }
        switch state {
        case .opening(let current, let place) where current === engine:
            state = .idle
            connectionEnded()
            attemptFailed(error ?? .lost(hostField), transport: place)
        case .open(let current) where current === engine:
            noteTransport(of: engine)
            state = .idle
            connectionEnded()
            connectionLost(
                because: ClientSocket.DisconnectReason(reason), error, isSentAway: reason == .serverShuttingDown)
        case .idle, .opening, .open, .closed: break
        }
    }

    func engineReceived(text: Span<UInt8>, on engine: any ClientEngine) {
        callouts.begin()
        defer { callouts.end() }
        do throws(ProtocolViolation) {
            guard !isMessagePack else {
                throw ProtocolViolation(
                    .unexpected, "a text, where packets are MessagePack (is `configuration.parser` the server's?)")
            }
            try collector.receiveText()
            let head = try PacketHead(parsing: text, limits: packetLimits)
            if head.attachmentCount > 0 {
                collector.begin(
                    Array(text), head: head, until: loop.now.advanced(by: configuration.limits.attachmentTime))
                rearm()
            } else {
                try receive(head, text, attachments: [])
            }
        } catch {
            violate(error, on: engine)
        }
    }

    func engineReceived(binary: [UInt8], on engine: any ClientEngine) {
        callouts.begin()
        defer { callouts.end() }
        do throws(ProtocolViolation) {
            if isMessagePack { return try receive(messagePack: binary) }
            guard !collector.isIdle else {
                throw ProtocolViolation(
                    .unexpected, "a binary message that no packet announced (is `configuration.parser` the server's?)")
            }
            guard let packet = try collector.receive(binary, limits: packetLimits) else { return }
            rearm()
            try receive(packet.head, packet.text.span, attachments: packet.attachments)
        } catch {
            violate(error, on: engine)
        }
    }

    private func receive(messagePack bytes: [UInt8]) throws(ProtocolViolation) {
        let packet = try EncodedPacket(messagePack: bytes.span, limits: packetLimits)
        let text = packet.text.span
        try receive(
            try PacketHead(parsing: text, limits: packetLimits.forMessagePack), text, attachments: packet.attachments)
    }

    private func receive(
        _ head: PacketHead, _ text: Span<UInt8>, attachments: [[UInt8]]
    ) throws(ProtocolViolation) {
        let namespace = head.namespace.isEmpty ? "/" : String(validating: text.extracting(head.namespace)) ?? ""
        // What was on its way while the socket left is for nobody.
        try sockets[ByteName(namespace)]?.receive(head, text, attachments: attachments)
    }

    private func violate(_ violation: ProtocolViolation, on engine: any ClientEngine) {
        engine.fail(ClientError(violation, from: hostField), because: .parseError)
    }
}
