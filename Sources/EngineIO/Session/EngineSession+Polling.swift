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
        receivePayload(body.span)
        acknowledge(post)
    }

    private func receivePayload(_ body: Span<UInt8>) {
        guard isOpen else { return }
        do throws(ProtocolViolation) {
            guard (try? UTF8Span(validating: body)) != nil else {
                throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
            }
            var payload = machine.dialect.payload(maxPackets: shard.configuration.limits.packetsPerPayload)
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
        let writer = loop.scratch
        let start = writer.count
        machine.dialect.appendPayload(packets, to: writer)
        let body = writer.array(in: start..<writer.count)
        writer.truncate(to: start)
        poll.connection.respond(pollResponse(body, to: poll.origin, coding: poll.coding))
        poll.connection.continueInput()
    }

    func pollResponse(_ body: [UInt8], to origin: String?, coding: ContentCoding? = nil) -> HTTPResponse {
        let fields =
            [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")] + corsFields(to: origin)
        if let coding, let compressed = shard.bodyCompression?.compress(body, coding) {
            return HTTPResponse(fields: fields + [("Content-Encoding", coding.rawValue)], body: compressed)
        }
        return HTTPResponse(fields: fields, body: body)
    }

    // MARK: CORS

    /// What the answer to `head` depends on; nil where it does not.
    func origin(of head: HTTPRequestHead) -> String? {
        shard.configuration.cors.isEnabled ? head.fields["origin"] : nil
    }

    func corsFields(to origin: String?) -> [(String, String)] {
        shard.configuration.cors.responseFields(origin: origin)
    }
}
