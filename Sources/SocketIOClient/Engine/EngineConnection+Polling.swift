internal import NetLoop
internal import SocketIOWire

// Long-polling (Protocol.md 3.3)

extension EngineConnection {
    func poll() {
        let channel = polls ?? HTTPChannel(to: endpoint, on: loop)
        polls = channel
        // The heartbeat limits polls; the first one has none yet.
        let timeout = sessionID == nil ? endpoint.connectTimeout : nil
        let request = request(.get, target.next(.polling, sessionID: sessionID))
        channel.send(.get, request, timeout: timeout) { [self] result in
            guard let body = accept(result) else { return }
            receivePayload(body.span)
            session.pollEnded(now: loop.now)
            carryOut()
        }
    }

    func post(_ body: [UInt8]) {
        let channel = posts ?? HTTPChannel(to: endpoint, on: loop)
        posts = channel
        let request = request(.post, target.next(.polling, sessionID: sessionID), body: body)
        channel.send(.post, request, timeout: endpoint.connectTimeout) { [self] result in
            guard accept(result) != nil else { return }
            session.postEnded()
            carryOut()
        }
    }

    private func request(_ method: HTTPMethod, _ target: String, body: [UInt8] = []) -> [UInt8] {
        var fields = endpoint.fields
        if let cookie = cookies.field(after: endpoint.cookie) { fields.append("Cookie", cookie) }
        fields.append("Accept", "*/*")
        if method == .post { fields.append("Content-Type", "text/plain;charset=UTF-8") }
        let writer = ByteWriter(capacity: body.count + 512)
        let isSent = HTTPRequestWriter.append(
            method, target: target, host: endpoint.origin.hostField, fields: fields, body: body.span, to: writer)
        // Checked when the manager was made.
        precondition(isSent, "a request that cannot be sent")
        return writer.array()
    }

    /// The body of a reply that is one of the session's; otherwise the session ends.
    private func accept(_ result: Result<HTTPReply, ClientError>) -> [UInt8]? {
        switch result {
        case .failure(let error):
            fail(error, because: .transportError)
            return nil
        case .success(let reply):
            cookies.update(from: reply.head.fields)
            guard reply.head.status == 200 else {
                fail(
                    ClientError(unexpected: reply.head, body: reply.body, from: endpoint.origin),
                    because: .transportError)
                return nil
            }
            return reply.body
        }
    }

    private func receivePayload(_ body: Span<UInt8>) {
        do throws(ProtocolViolation) {
            guard (try? UTF8Span(validating: body)) != nil else {
                throw ProtocolViolation(.notUTF8, "a payload that is not UTF-8")
            }
            var payload = EnginePayload(maxPackets: settings.packetsPerPayload)
            while session.isListening, let packet = try payload.next(in: body) {
                switch packet {
                case .text(_, let content):
                    try receive(body.extracting(content.lowerBound - 1..<content.upperBound))
                case .binary(let bytes): receive(binary: bytes)
                }
            }
        } catch {
            violate(error)
        }
    }

    func receive(_ text: Span<UInt8>) throws(ProtocolViolation) {
        switch try session.receive(text, now: loop.now) {
        case .message: delegate?.engineReceived(text: text.extracting(1..<text.count), on: self)
        case .handled: carryOut()
        }
    }

    func receive(binary: [UInt8]) {
        guard session.isOpen else { return }
        delegate?.engineReceived(binary: binary, on: self)
    }

    func violate(_ violation: ProtocolViolation) {
        fail(ClientError(violation, from: endpoint.origin.hostField), because: .parseError)
    }
}
