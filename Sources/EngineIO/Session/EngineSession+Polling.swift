internal import NetLoop
internal import SocketIOWire

// Long-polling (Protocol.md 3.3): the session's requests, and what they bring.

extension EngineSession: HTTPExchangeOwner {
    /// A polling request that names the session, its body not read yet.
    func begin(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
        switch head.method {
        case .get: beginPoll(on: exchange)
        case .post: beginPost(head, on: exchange)
        default: exchange.respond(HTTPResponse(status: 500, fields: corsFields))
        }
    }

    func beginPoll(on exchange: HTTPConnection) {
        guard let polling else { return exchange.respond(HTTPResponse(status: 400, fields: corsFields)) }
        guard polling.poll == nil else {
            exchange.respond(HTTPResponse(status: 400, fields: corsFields))
            return violate("a poll while another is open", because: .transportError)
        }
        exchange.wait(for: self)
        polling.open(exchange)
        flushPoll()
    }

    func beginPost(_ head: HTTPRequestHead, on exchange: HTTPConnection) {
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

    func receivePayload(_ body: Span<UInt8>) {
        guard isOpen else { return }
        do {
            guard (try? UTF8Span(validating: body)) != nil else {
                throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
            }
            var payload = EnginePayload(maxPackets: shard.configuration.limits.packetsPerPayload)
            // Protocol.md 2.1: what follows a close packet in the same payload is void.
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

    /// A POST was refused because it is over the limit. The session stays (Protocol.md 1.4).
    func bodyRefused(_ exchange: HTTPConnection) {
        if polling?.post === exchange { polling?.post = nil }
    }

    func exchangeAborted(_ exchange: HTTPConnection) {
        guard let polling, polling.poll === exchange || polling.post === exchange else { return }
        if polling.poll === exchange { _ = polling.takePoll() }
        polling.post = nil
        if isOpen { violate("a polling request was aborted", because: .transportError) }
    }

    // MARK: Answering

    /// Sends what was buffered during a turn, so that a burst is one response, or gives up a client that takes nothing.
    func turnEnded() {
        if isOpen, let polling, polling.byteCount > shard.sessionOutputLimit {
            violate("the client does not take its packets", because: .transportError)
        } else {
            flushPoll()
        }
    }

    /// Answers the open poll with what is buffered; in a session that ends, the poll after that gets the close packet.
    ///
    /// Not both in one response (Protocol.md 3.7): the client acts on the close packet at once, and on the messages before it later.
    func flushPoll() {
        guard let polling, polling.poll != nil else { return }
        if !polling.isEmpty {
            answerPoll(polling.takeBody(using: loop.scratch))
        } else if isDraining {
            end(because: .forcedClose)
        }
    }

    /// Answers the open poll, if there is one.
    private func answerPoll(_ body: [UInt8]) {
        guard let poll = polling?.takePoll() else { return }
        poll.respond(pollResponse(body))
        poll.continueInput()
    }

    func pollResponse(_ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            fields: [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")] + corsFields,
            body: body)
    }

    var corsFields: [(String, String)] {
        shard.configuration.cors.responseFields(origin: request[field: "origin"])
    }

    /// Answers an open poll with the close packet: the client sees the end at once.
    func abandonPolling() {
        answerPoll([EnginePacketType.close.rawValue])
    }

    /// Ends an open poll with a noop: the client must be able to switch.
    func releasePoll() {
        answerPoll([EnginePacketType.noop.rawValue])
    }
}
