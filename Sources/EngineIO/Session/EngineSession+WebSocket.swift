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
