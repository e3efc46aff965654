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
        switch state {
        case .draining:
            // That was what the client had to fetch.
            webSocket?.close(.normal)
            end(because: .forcedClose)
        case .open, .closed: break
        }
    }
}
