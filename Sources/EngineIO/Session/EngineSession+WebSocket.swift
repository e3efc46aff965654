internal import NetLoop
internal import SocketIOWire

// WebSocket (Protocol.md 3.4), and the upgrade to it (3.6).

extension EngineSession: WebSocketDelegate {
    /// A WebSocket handshake that names the session.
    func beginUpgrade(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        let accepted = upgrade.connect(now: loop.now, timeout: shard.configuration.upgradeTimeout)
        let webSocket = exchange.upgrade(head, settings: shard.webSocketSettings, delegate: accepted ? self : nil)
        guard accepted else {
            // Protocol.md 3.6: a second one is closed, the session untouched.
            webSocket?.close(.normal)
            return
        }
        guard let webSocket else { return upgrade.disconnect() }
        probe = webSocket
        rearm()
    }

    func receive(_ bytes: inout MutableSpan<UInt8>, on webSocket: WebSocketConnection) {
        // Held for all messages of the turn, unless one of them passes the session on. Whatever ends the session closes
        // the WebSocket, which stops reading.
        var handler = handler
        handlerChanged = false
        webSocket.read(&bytes) { text in
            if webSocket === self.webSocket {
                if handlerChanged {
                    handler = self.handler
                    handlerChanged = false
                }
                receive(text, for: handler)
            } else if webSocket === probe {
                receiveProbing(text.equals("2probe") ? .probe : text.equals("5") ? .upgrade : .other)
            }
        } binary: { message in
            if webSocket === self.webSocket {
                self.handler?.received(binary: message)
            } else if webSocket === probe {
                receiveProbing(.other)
            }
        }
    }

    /// A packet over the WebSocket that is to become the transport.
    @inline(never)
    private func receiveProbing(_ packet: EngineUpgrade.Packet) {
        perform(upgrade.receive(packet, now: loop.now))
    }

    /// A packet over the WebSocket that the session uses.
    @inline(__always)
    private func receive(_ text: Span<UInt8>, for handler: (any EngineSessionHandler)?) {
        if text.count > 0, text[0] == EnginePacketType.message.rawValue {
            handler?.received(text: text.extracting(1..<text.count))
        } else if text.count > 0, let type = EnginePacketType(rawValue: text[0]) {
            receive(type, text.extracting(1..<text.count))
        } else {
            violate("a message that is no packet", because: .parseError)
        }
    }

    func webSocketEnded(_ webSocket: WebSocketConnection, because end: WebSocketEnd) {
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

    func perform(_ action: EngineUpgrade.Action) {
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
            probe?.close(.normal)
            probe = nil
        }
    }

    func switchTransport() {
        guard let probe else { return }
        releasePoll()
        let rest = polling?.takePackets() ?? []
        switchTransport(to: probe)
        for packet in rest {
            switch packet {
            case .text(.message, let text): send(text: text.span)
            case .text(.ping, _): send(.ping)
            case .text: break
            case .binary(let bytes): send(binary: bytes)
            }
        }
        switch state {
        case .draining:
            // That was what the client had to fetch.
            webSocket?.close(.normal)
            end(because: .forcedClose)
        case .open, .closed: break
        }
    }
}
