package import NetLoop
internal import SocketIOWire

// WebSocket (Protocol.md 3.4), and the upgrade to it (3.6): the session handles the connections of the WebSocket that it
// uses and of the one that probes.

extension EngineSession: WebSocketDelegate {
    package var outputLimit: Int { shard.sessionOutputLimit }
    package var stallTime: Duration? { shard.configuration.limits.stallTime }

    package func outputChanged(_ connection: TCPConnection) {
        // `webSocket` may be moved out: it is the one that sends.
        if polling == nil { noteOutput(unsent: connection.bufferedByteCount) }
    }

    /// A WebSocket handshake that names the session.
    func beginUpgrade(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        let settings = shard.webSocketSettings(for: head, dialect)
        guard let webSocket = exchange.upgrade(head, settings: settings, delegate: self) else { return }
        advance(.webSocket(webSocket)) { [now = shard.now, rules = shard.sessionRules] in
            $0.probeConnected(now: now, rules: rules)
        }
    }

    @inline(__always)
    package func webSocket(on connection: TCPConnection) -> WebSocketConnection? {
        if let webSocket, webSocket.connection === connection { return webSocket }
        if let probe = polling?.probe, probe.connection === connection { return probe }
        return nil
    }

    package func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection) {
        guard let webSocket = webSocket(on: connection) else { return }
        var isTransport = webSocket === self.webSocket
        // Held for all messages of the turn, unless one of them passes the session on. Whatever ends the session closes
        // the WebSocket, which stops reading.
        var handler = handler
        handlerChanged = false
        let end = webSocket.read(&bytes) { text in
            guard isTransport else {
                receiveProbing(text.equals("2probe") ? .probe : text.equals("5") ? .upgrade : .other)
                isTransport = webSocket === self.webSocket
                return
            }
            if handlerChanged {
                handler = self.handler
                handlerChanged = false
            }
            if text.count > 0, text[0] == EnginePacketType.message.rawValue {
                handler?.received(text: text.extracting(1..<text.count))
            } else {
                receiveOther(text)
            }
        } binary: { message in
            if isTransport {
                receiveBinary(message)
            } else {
                receiveProbing(.other)
            }
        }
        if let end { webSocketEnded(webSocket, because: end) }
    }

    /// A packet over the WebSocket that is to become the transport.
    @inline(never)
    private func receiveProbing(_ packet: EngineUpgrade.Packet) {
        advance { [now = shard.now] in $0.receiveProbe(packet, now: now) }
    }

    /// A text over the WebSocket that the session uses, and that is no text message.
    @inline(never)
    private func receiveOther(_ text: Span<UInt8>) {
        if text.count > 0, text[0] == EnginePayload.binaryMark {
            // Protocol.md 2.2: a client may write bytes as over polling.
            receive(bytesAsText: text)
        } else if text.count > 0, let type = EnginePacketType(rawValue: text[0]) {
            receive(type)
        } else {
            violate("a message that is no packet", because: .parseError)
        }
    }

    private func receive(bytesAsText text: Span<UInt8>) {
        switch dialect {
        case .revision4: handler?.received(binary: Base64.decodeForgiving(text.extracting(1..<text.count)))
        case .revision3:
            guard let bytes = EngineRevision3Payload.bytes(ofText: text) else {
                return violate("bytes that are no message", because: .parseError)
            }
            handler?.received(binary: bytes)
        }
    }

    private func receiveBinary(_ message: [UInt8]) {
        switch dialect {
        case .revision4: handler?.received(binary: message)
        case .revision3:
            // Other types mean nothing as bytes, and the official server ignores them.
            if let bytes = EngineBinaryForm.untyped(message.span) { handler?.received(binary: bytes) }
        }
    }

    package func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {
        if let polling, webSocket === polling.probe {
            polling.probe = nil
            advance {
                $0.probeEnded()
                return []
            }
        } else if webSocket === self.webSocket {
            switch end {
            case .closedByPeer: self.end(because: .transportClose)
            case .failed(let failure):
                if failure.code == .messageTooBig { shard.limitCounts.note("maxHttpBufferSize") }
                self.end(because: .transportError, detail: failure.detail.description)
            case .broken: self.end(because: .transportError)
            case .unread:
                shard.limitCounts.note("slowConsumer")
                self.end(because: .slowConsumer)
            }
        }
    }
}
