internal import NetLoop
internal import SocketIOWire

extension HTTPConnection {
    /// Answers the request at hand; without effect if it is gone. Who answers later calls `continueInput` then, once
    /// they are ready for the client's next request.
    ///
    /// - Parameter closing: Whether the connection ends after it, whatever the request wants.
    func respond(_ response: HTTPResponse, closing: Bool = false) {
        var response = response
        if !added.isEmpty { response.fields = response.fields.replaced(by: takeAdded()) }
        var fields = HTTPFieldLines()
        var unsent: String?
        for (name, value) in response.fields where !fields.append(name, value) { unsent = name }
        if !response.has("date") { fields.append(shard.clock.date(at: loop.compactNow)) }
        let closing = closing || shard.isClosing
        switch response.content {
        case .bytes(let bytes): respond(response.status, fields, bytes, closing)
        case .fileAt: respond(response.found(as: .whole), closing: closing)
        case .file(let file, let range): respond(response.status, fields, file, range, closing)
        case .stream(let producer): respond(response.status, fields, .chunked, closing, producer)
        case .written(let work): respond(response.status, fields, .chunked, closing, WrittenBody(work, on: loop))
        }
        if let unsent { shard.log.unsentField.note(unsent, on: loop) }
    }

    private func respond(
        _ status: Int, _ fields: HTTPFieldLines, _ file: HTTPFile, _ range: Range<Int>, _ closing: Bool
    ) {
        guard exchange.wantsBody, !range.isEmpty else {
            return respond(status, fields, .fixed(range.count), closing, NoPieces())
        }
        do throws(FileRefusal) {
            let producer = try shard.open(file, range)
            respond(status, fields, .fixed(range.count), closing, producer)
        } catch {
            respond(.text(error.words, status: error.status), closing: closing)
            if let cause = error.cause { shard.log.refusedFile.note(cause, on: loop) }
        }
    }

    /// Larger bodies are sent from where they are.
    private static var copyLimit: Int { 64 * 1024 }

    private func respond(_ status: Int, _ fields: HTTPFieldLines, _ body: [UInt8], _ closing: Bool) {
        let isLarge = body.count > Self.copyLimit
        let start = loop.beginOutput()
        guard
            let form = exchange.respond(
                status: status, fields: fields, body: body.span, bodyFollows: isLarge, closing: closing,
                now: loop.compactNow,
                into: loop.output)
        else { return }
        owner = .nobody
        connection.enqueue(start..<loop.output.count)
        let hasBody = !form.omitsBody && HTTPResponseWriter.mayHaveBody(status)
        if isLarge, hasBody { connection.send(body) }
        if let access {
            access.status = status
            endAccess(byteCount: hasBody ? body.count : 0)
        }
        if !form.keepsAlive { connection.finish() }
        update()
    }

    func respond(
        _ status: Int, _ fields: HTTPFieldLines, _ length: HTTPBodyLength, _ closing: Bool,
        _ producer: any HTTPBodyProducer
    ) {
        let start = loop.beginOutput()
        guard
            exchange.beginResponse(
                status: status, fields: fields, length: length, closing: closing, now: loop.compactNow,
                into: loop.output)
        else { return producer.clientLeft() }
        connection.enqueue(start..<loop.output.count)
        access?.status = status
        let stream = HTTPBodyStream(producer, over: self)
        owner = .stream(stream)
        if exchange.takesPieces {
            if exchange.hasClientFinished { stream.clientFinished() }
            stream.pump()
        } else {
            // Nobody takes the body, as with HEAD.
            stream.end()
            stream.clientFinished()
        }
        // It was not there yet when the others were told.
        if shard.isClosing { stream.serverCloses() }
        update()
    }

    /// Whether the client has taken all but so many bytes of what it was sent.
    func hasRoom(below limit: Int) -> Bool {
        connection.isOpen && connection.bufferedByteCount < limit
    }

    /// Sends a piece of the body of the response at hand. Whether more may follow.
    func send(piece: [UInt8]) -> Bool {
        var taken = 0
        write { taken = exchange.beginPiece(of: piece.count, into: $0) }
        guard taken > 0 else { return exchange.takesPieces }
        connection.send(taken == piece.count ? piece : Array(piece[..<taken]))
        write { exchange.endPiece(into: $0) }
        return exchange.takesPieces
    }

    /// Sends the next of a file that is the body of the response at hand, as much as the kernel takes at once; how much
    /// that is. The length of a file is announced: nothing stands around its pieces.
    func send(_ file: OpenFile, _ range: Range<Int>) -> Int {
        guard exchange.takesPieces else { return 0 }
        return exchange.beginPiece(of: connection.send(file, range), into: loop.output)
    }

    /// The body of the response at hand is over.
    func bodyEnded() {
        var action: HTTPServerExchange.Action?
        write { action = exchange.endBody(now: loop.compactNow, into: $0) }
        endAccess(byteCount: owner.sentByteCount)
        owner = .nobody
        if let action { perform(action) }
        update()
        continueInput()
    }

    /// The body of the response at hand will not be whole.
    func bodyFailed() {
        guard exchange.cutBody() != nil else { return }
        perform(.finish(because: nil))
        update()
    }

    /// Answers 101 and makes the connection a WebSocket; what the client sent already follows once the caller is done.
    ///
    /// - Parameter choose: The subprotocol to answer with; the first that the client offers, by default.
    func upgrade(
        _ head: HTTPRequestHead, settings: WebSocketSettings, delegate: (any WebSocketDelegate)?,
        subprotocol choose: (HTTPRequestHead) throws(HTTPFailure) -> String? = {
            head throws(HTTPFailure) in try WebSocketHandshake.subprotocol(head)
        }
    ) -> WebSocketConnection? {
        guard exchange.isWaiting else { return nil }
        let accept: String
        let subprotocol: String?
        let compression: MessageCompression?
        do {
            accept = try WebSocketHandshake.accept(head)
            subprotocol = try choose(head)
            compression = try shard.compression?.agree(with: head)
        } catch {
            if let action = exchange.refuse(error) { perform(action) }
            update()
            return nil
        }
        guard exchange.upgrade() else { return nil }
        owner = .nobody
        var fields = addedLines()
        if let compression { fields.append("Sec-WebSocket-Extensions", compression.answer) }
        write {
            WebSocketHandshake.appendResponse(accept: accept, subprotocol: subprotocol, fields: fields, to: $0)
        }
        connection.setReading(true)
        update()
        guard let compression else { return WebSocketConnection(connection, settings: settings, delegate: delegate) }
        connection.startCoding(compression)
        return WebSocketConnection(connection, settings: settings.compressing(compression), delegate: delegate)
    }

    /// Answers 101 as another node does, and leaves the connection to whoever takes it over: what the client sent already follows
    /// once the caller is done. Nil if the request is gone.
    func switchProtocols(_ fields: HTTPFieldLines) -> TCPConnection? {
        guard exchange.upgrade() else { return nil }
        owner = .nobody
        write { HTTPResponseWriter.appendSwitch(fields: fields, to: $0) }
        connection.setReading(true)
        update()
        return connection
    }

    /// What the application adds to a 101, without what is said there already.
    private func addedLines() -> HTTPFieldLines {
        var lines = HTTPFieldLines()
        for (name, value) in takeAdded() {
            let isOfHandshake =
                name.asciiLowercased.starts(with: "sec-websocket-".utf8) || name.hasSameLetters(as: "upgrade")
            if isOfHandshake || !lines.append(name, value) { shard.log.unsentField.note(name, on: loop) }
        }
        return lines
    }
}
