internal import NetLoop
internal import SocketIOWire

// WebSocket (Protocol.md 3.4), and the upgrade to it (3.6)

extension EngineConnection: ClientWebSocketDelegate {
    func openWebSocket() -> ClientWebSocket {
        var fields = endpoint.fields
        if let cookie = cookies.field(after: endpoint.cookie) { fields.append("Cookie", cookie) }
        return ClientWebSocket(
            to: endpoint, target: target.next(.webSocket, sessionID: sessionID), fields: fields, on: loop,
            delegate: self)
    }

    func webSocketOpened(_ webSocket: ClientWebSocket) {
        guard webSocket === probe else { return }
        session.probeOpened()
        carryOut()
    }

    func received(text: Span<UInt8>, on webSocket: ClientWebSocket) {
        if webSocket === probe {
            session.receiveProbe(text)
            carryOut()
            return
        }
        guard webSocket === self.webSocket else { return }
        do throws(ProtocolViolation) {
            try receive(text)
        } catch {
            violate(error)
        }
    }

    func received(binary: [UInt8], on webSocket: ClientWebSocket) {
        if webSocket === probe {
            session.receiveProbe(Span())
            carryOut()
        } else if webSocket === self.webSocket {
            receive(binary: binary)
        }
    }

    func webSocketEnded(_ webSocket: ClientWebSocket, because error: ClientError?, code: WebSocketCloseCode?) {
        if webSocket === probe {
            probe = nil
            session.probeLost()
            carryOut()
        } else if webSocket === self.webSocket {
            let end = code == .goingAway ? EngineCloseReason.serverShuttingDown : .transportClose
            fail(error ?? .lost(endpoint.origin.hostField), because: error == nil ? end : .transportError)
        }
    }
}
