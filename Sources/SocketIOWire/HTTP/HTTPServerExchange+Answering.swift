// The answers of a server, whole or piece by piece. A request is answered once; what comes later has no effect.

extension HTTPServerExchange {
    /// Whether a request is under way whose answer has not begun.
    package var owesAnswer: Bool {
        switch state {
        case .body, .receiving, .waiting, .leaving: true
        case .idle, .head, .sending, .upgraded, .closed: false
        }
    }

    /// Answers the request at hand with a whole response.
    ///
    /// - Parameters:
    ///   - bodyFollows: Whether the caller sends the body itself, right behind what is written here.
    ///   - closing: Whether the connection ends after it, whatever the request wants.
    /// - Returns: What the response has become; nil, and nothing is written, if there is no request to answer. Where the
    ///   connection is not kept, end it once everything is sent.
    package mutating func respond(
        status: Int, fields: HTTPFieldLines, body: Span<UInt8>, bodyFollows: Bool = false, closing: Bool = false,
        now: Instant, into writer: ByteWriter
    ) -> HTTPResponseForm? {
        guard let form = owedForm(closing: closing) else { return nil }
        HTTPResponseWriter.append(
            status: status, fields: fields, body: body, bodyFollows: bodyFollows, to: form, into: writer)
        finishAnswer(form, now: now)
        return form
    }

    /// Answers the request at hand with the head of a response whose body follows in pieces: as long as `takesPieces`
    /// says so, each between `beginPiece` and `endPiece`, and then `endBody`. False if there is no request to answer.
    ///
    /// - Parameter length: A chunked body ends with the connection where the client does not know the coding.
    package mutating func beginResponse(
        status: Int, fields: HTTPFieldLines, length: HTTPBodyLength, closing: Bool = false, now: Instant,
        into writer: ByteWriter
    ) -> Bool {
        guard var form = owedForm(closing: closing) else { return false }
        let length = form.fit(length)
        HTTPResponseWriter.appendHead(status: status, fields: fields, length: length, to: form, into: writer)
        let body = HTTPBodyWriter(
            length, isOmitted: form.omitsBody || !HTTPResponseWriter.mayHaveBody(status))
        state = .sending(form, body, Patience(until: now.advanced(by: limits.sendRateTime)))
        return true
    }

    /// Whether the response at hand wants more of its body.
    package var takesPieces: Bool {
        switch state {
        case .sending(_, let body, _): body.takesPieces
        case .idle, .head, .body, .receiving, .waiting, .leaving, .upgraded, .closed: false
        }
    }

    /// A piece of the body is there.
    ///
    /// - Returns: How many of its first bytes are to be sent behind what is written here.
    package mutating func beginPiece(of count: Int, into writer: ByteWriter) -> Int {
        guard case .sending(let form, var body, var patience) = state else { return 0 }
        let taken = body.beginPiece(of: count, into: writer)
        // What the kernel did not take of a file is no piece.
        if taken > 0 { patience.add(sent: taken) }
        state = .sending(form, body, patience)
        return taken
    }

    /// The piece is sent.
    package func endPiece(into writer: ByteWriter) {
        guard case .sending(_, let body, _) = state else { return }
        body.endPiece(into: writer)
    }

    /// The body is whole. Where less of it came than was announced, the connection ends, so that the client sees it.
    package mutating func endBody(now: Instant, into writer: ByteWriter) -> Action? {
        guard case .sending(let form, let body, _) = state else { return nil }
        guard body.end(into: writer) else { return cutBody() }
        finishAnswer(form, now: now)
        return form.keepsAlive ? nil : .finish(because: nil)
    }

    /// The body cannot be made whole: the connection ends.
    package mutating func cutBody() -> Action? {
        switch state {
        case .sending:
            close()
            return .close
        case .idle, .head, .body, .receiving, .waiting, .leaving, .upgraded, .closed: return nil
        }
    }

    /// Whether the client wants the body of the answer that it is owed: not with HEAD.
    package var wantsBody: Bool {
        switch state {
        case .waiting(let form, _), .receiving(let form, _): !form.omitsBody
        case .body(let head, _, _): head.method != .head
        case .idle, .head, .sending, .leaving, .upgraded, .closed: false
        }
    }

    private func owedForm(closing: Bool) -> HTTPResponseForm? {
        var form: HTTPResponseForm
        switch state {
        case .waiting(let waiting, _), .receiving(let waiting, _): form = waiting
        case .body(let head, _, _): form = HTTPResponseForm(answering: head)
        case .idle, .head, .sending, .leaving, .upgraded, .closed: return nil
        }
        // What is left of a refused body is not worth reading.
        if closing || parser.isBodyMissing { form.keepsAlive = false }
        return form
    }

    private mutating func finishAnswer(_ form: HTTPResponseForm, now: Instant) {
        guard form.keepsAlive else { return close() }
        state = .idle(Patience(until: now.advanced(by: limits.keepAliveTime)), isHeadTimed: false)
    }
}
