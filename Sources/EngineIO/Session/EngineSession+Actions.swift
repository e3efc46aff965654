internal import NetLoop
internal import SocketIOWire

extension EngineSession {
    /// What the machine is asked about, and is not the session's yet.
    enum Arrival {
        case request(HTTPRequestHead, HTTPConnection)
        case webSocket(WebSocketConnection)
    }

    /// - Parameter arrival: What the machine means by "at hand".
    func perform(_ action: EngineServerSession.Action, _ arrival: Arrival?) {
        switch action {
        case .holdPoll:
            guard case .request(let head, let exchange) = arrival else { return }
            exchange.wait(for: self)
            polling?.poll = PollingHandles.Request(
                connection: exchange, origin: origin(of: head),
                coding: shard.bodyCompression.flatMap { _ in ContentCoding(acceptedBy: head.fields) })
            noteOutput(unsent: machine.heldByteCount)
        case .collectPost:
            guard case .request(let head, let exchange) = arrival else { return }
            let origin = origin(of: head)
            polling?.post = PollingHandles.Request(connection: exchange, origin: origin)
            exchange.collectBody(of: head, for: .session(self, origin: origin))
        case .refuseRequest:
            guard case .request(let head, let exchange) = arrival else { return }
            exchange.respond(HTTPResponse(status: 400, fields: corsFields(to: origin(of: head))))
        case .keepProbe:
            guard case .webSocket(let webSocket) = arrival else { return }
            polling?.probe = webSocket
        case .refuseProbe:
            guard case .webSocket(let webSocket) = arrival else { return }
            webSocket.close(.normal)
        case .answerPoll(let packets):
            answerPoll(packets)
        case .awaitTurnEnd:
            shard.noteUnsent(self)
        case .refusePost:
            guard let post = polling?.post else { return }
            post.connection.respond(HTTPResponse(status: 400, fields: corsFields(to: post.origin)))
            post.connection.continueInput()
        case .answerProbe:
            polling?.probe?.send(text: Array("3probe".utf8))
            handler?.upgrading()
        case .closeProbe:
            polling?.probe?.close(.normal)
            polling?.probe = nil
        case .switchTransport(let packets):
            webSocket = polling?.probe
            noteWebSocket()
            switchReading(to: webSocket)
            let holdsUncompressed = polling?.holdsUncompressed == true
            polling = nil
            if holdsUncompressed {
                shard.uncompressed { packets.forEach(transmit) }
            } else {
                packets.forEach(transmit)
            }
            noteOutput(unsent: webSocket?.connection.bufferedByteCount ?? 0)
            handler?.upgraded()
        case .send(let packet):
            transmit(packet)
        case .closeWebSocket(let code):
            // Its answer is waited for.
            webSocket?.connection.setReading(true)
            webSocket?.close(code)
        case .retire:
            polling = nil
            webSocket = nil
            shard.remove(self)
        case .ended(let reason, let detail):
            tellEnd(reason, detail)
        }
    }

    private func tellEnd(_ reason: EngineCloseReason, _ detail: String?) {
        let handler = handler
        self.handler = nil
        if let detail { shard.configuration.logger.log(at: .debug, "session \(id) closed: \(detail)") }
        handler?.sessionClosed(reason)
    }

    func transmit(_ packet: EnginePacket) {
        switch packet {
        case .text(let type, let content): webSocket?.send(text: content.span, prefix: type.rawValue)
        case .binary(let bytes): webSocket?.send(bytes: bytes)
        }
    }
}
