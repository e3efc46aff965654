internal import NetLoop
internal import SocketIOWire

// Long-polling (Protocol.md 3.3): the session's requests, and what they bring.

extension EngineSession: HTTPExchangeOwner {
    /// A polling request that names the session, its body not read yet.
    func begin(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        switch head.method {
        case .get:
            advance(.request(head, exchange)) { $0.beginPoll() }
        case .post:
            let isBinary = head.fields["content-type"] == "application/octet-stream"
            advance(.request(head, exchange)) { $0.beginPost(isBinary: isBinary) }
        default:
            exchange.respond(HTTPResponse(status: 500, fields: corsFields(to: origin(of: head))))
        }
    }

    /// A POST is complete. The session may have switched to WebSocket since its head came.
    func receive(body: [UInt8], from origin: String?, on exchange: HTTPConnection) {
        let post = PollingHandles.Request(connection: exchange, origin: origin)
        polling?.post = nil
        machine.postEnded()
        if jsonp == nil {
            receivePayload(body.span)
        } else if let payload = EngineJSONP.payload(ofForm: body.span) {
            receivePayload(payload.span)
        }
        acknowledge(post)
    }

    private func receivePayload(_ body: Span<UInt8>) {
        guard isOpen else { return }
        do throws(ProtocolViolation) {
            var payload = try dialect.payload(of: body, maxPackets: shard.configuration.limits.packetsPerPayload)
            // Protocol.md 2.1: what follows a close packet in the same payload is void.
            while isOpen, let packet = try payload.next(in: body) {
                switch packet {
                case .text(.message, let range): handler?.received(text: body.extracting(range))
                case .text(let type, _): receive(type)
                case .binary(let bytes): handler?.received(binary: bytes)
                }
            }
        } catch {
            violate(error.detail, because: .parseError)
        }
    }

    /// A packet of the transport that the session uses, and no message.
    func receive(_ type: EnginePacketType) {
        advance { [now = shard.now, rules = shard.sessionRules] in $0.receive(type, now: now, rules: rules) }
        // The answer to a ping waits like everything else.
        polling?.held.set(machine.heldByteCount)
    }

    /// A POST was refused because it is over the limit. The session stays (Protocol.md 1.4).
    func bodyRefused(_ exchange: HTTPConnection) {
        guard let polling, polling.post?.connection === exchange else { return }
        polling.post = nil
        machine.postEnded()
        shard.limitCounts.note("maxHttpBufferSize")
    }

    func exchangeAborted(_ exchange: HTTPConnection) {
        if let polling, polling.poll?.connection === exchange {
            polling.poll = nil
            advance { $0.pollAborted() }
        } else if let polling, polling.post?.connection === exchange {
            polling.post = nil
            advance { $0.postAborted() }
        }
    }

    // MARK: Answering

    /// What was queued during a turn is sent.
    func turnEnded() {
        advance { [rules = shard.sessionRules] in $0.turnEnded(rules: rules) }
    }

    /// Answers the poll that is open.
    func answerPoll(_ packets: [EnginePacket]) {
        guard let polling, let poll = polling.poll.take() else { return }
        polling.held.set(machine.heldByteCount)
        noteOutput(unsent: machine.heldByteCount)
        let coding = polling.holdsUncompressed ? nil : poll.coding
        // An answer that the client needs to go on has none of what waits.
        if machine.heldByteCount == 0 { polling.holdsUncompressed = false }
        poll.connection.respond(pollResponse(packets, to: poll.origin, coding: coding))
        poll.connection.continueInput()
    }

    func pollResponse(
        _ packets: [EnginePacket], to origin: String?, coding: ContentCoding? = nil
    ) -> HTTPResponse {
        let jsonp = jsonp
        let writer = loop.scratch
        let start = writer.count
        let isBinary = dialect.appendPayload(packets, asText: jsonp != nil || request.query.wantsText, to: writer)
        var body = writer.array(in: start..<writer.count)
        writer.truncate(to: start)
        var type = isBinary ? "application/octet-stream" : "text/plain; charset=UTF-8"
        if let jsonp {
            jsonp.append(body.span, to: writer)
            body = writer.array(in: start..<writer.count)
            writer.truncate(to: start)
            type = "text/javascript; charset=UTF-8"
        }
        var fields = [("Content-Type", type), ("Cache-Control", "no-store")] + corsFields(to: origin)
        if let coding, let compressed = shard.bodyCompression?.compress(body, coding) {
            fields.append(("Content-Encoding", coding.rawValue))
            body = compressed
        }
        return HTTPResponse(fields: fields, body: body)
    }

    /// There if the session polls with scripts and forms, which its handshake says.
    private var jsonp: EngineJSONP? { shard.configuration.allowEIO3 ? EngineJSONP(request.query) : nil }

    // MARK: CORS

    /// What the answer to `head` depends on; nil where it does not.
    func origin(of head: HTTPRequestHead) -> String? {
        shard.configuration.cors.isEnabled ? head.fields["origin"] : nil
    }

    func corsFields(to origin: String?) -> [(String, String)] {
        shard.configuration.cors.responseFields(origin: origin)
    }
}
