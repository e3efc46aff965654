internal import NetLoop
internal import SocketIOWire

// Where requests go: to the files and the sessions below the engine's path, or to the routes of plain HTTP.

extension EngineShard {
    /// A request's head arrived on `connection`.
    func begin(_ head: HTTPRequestHead, on connection: HTTPConnection) {
        guard !isClosing else { return connection.respond(.status(503), closing: true) }
        guard isAnsweredHost(of: head, on: connection.connection) else {
            connection.respond(HTTPResponse(status: 421))
            return log.foreignHost.note(on: loop)
        }
        let path = head.decodedPath
        guard path.utf8.starts(with: self.path.utf8) else { return beginPlain(head, path: path, on: connection) }
        let name = fileName(in: path)
        if head.method == .get || head.method == .head,
            let file = configuration.files?(name, { FileRequest(isGet: head.method == .get) { head.fields[$0] } })
        {
            return connection.respond(withCORS(file, head))
        }
        if isPreflight(head) { return connection.respond(preflight(head)) }
        // Before anybody is asked: the node of the session asks.
        if forward(head, on: connection) { return }
        guard configuration.middlewares.isEmpty else { return askMiddlewares(head, on: connection) }
        pass(head, on: connection)
    }

    /// Does what a request to the engine, which no middleware refuses, asks for.
    func pass(_ head: HTTPRequestHead, on connection: HTTPConnection) {
        do {
            try beginEngine(head, on: connection)
        } catch {
            refuse(error, head, on: connection)
        }
    }

    private func isAnsweredHost(of head: HTTPRequestHead, on connection: TCPConnection) -> Bool {
        guard !configuration.hosts.isAny else { return true }
        return configuration.hosts.allows(source(of: head, on: connection).host ?? head.host)
    }

    /// What follows the engine's path and the slash behind it.
    private func fileName(in path: String) -> String {
        let rest = path.utf8.dropFirst(self.path.utf8.count)
        let hasSlash = !configuration.addTrailingSlash && rest.first == UInt8(ascii: "/")
        return String(decoding: hasSlash ? rest.dropFirst() : rest, as: UTF8.self)
    }

    // MARK: The engine

    private func beginEngine(_ head: HTTPRequestHead, on connection: HTTPConnection) throws(EngineRefusal) {
        let request = EngineRequest(head)
        let step = try request.check(enabled: enabled)
        guard !request.isWebSocketUpgrade || isAllowedOrigin(head, on: connection.connection) else {
            defer { note(.forbidden(nil), head, context: head.fields["origin"], on: connection) }
            return connection.respond(.webSocketRefused("Forbidden", status: 403), closing: true)
        }
        if case .handshake(.polling) = step {
            // The browser refuses the page what it is answered, and says so there, not here.
            _ = isAllowedOrigin(head, on: connection.connection)
            guard mayRunAnswers(head, on: connection.connection) else { throw .forbidden(nil) }
        }
        switch step {
        case .session(let id, let transport):
            try go(.session(id, over: transport, request), head, on: connection)
        case .handshake(let transport):
            if let meters, meters.rates.handshakesPerAddress != nil {
                let address = source(of: head, on: connection.connection).address
                guard meters.takesHandshake(from: address, at: loop.now) else {
                    noteExcess(.handshakesPerAddress)
                    throw .tooManyHandshakes
                }
            }
            let application = HandshakeDecision(configuration, log, on: loop)
            guard application.isNeeded else {
                let dialect = try request.dialect(allowsRevision3: configuration.allowEIO3)
                return try go(.opening(makeID(), over: transport, dialect), head, on: connection)
            }
            ask(application, request, transport, head, on: connection)
        }
    }

    /// Lets the application decide, which may take a while.
    private func ask(
        _ application: HandshakeDecision, _ request: EngineRequest, _ transport: EngineTransport,
        _ head: HTTPRequestHead, on connection: HTTPConnection
    ) {
        let plain = HTTPRequest(head: head, on: connection)
        let shard = LoopBound(self, on: loop)
        let bound = LoopBound(connection, on: loop)
        connection.wait(.aborts) {
            let id: Result<String?, EngineRefusal>
            do throws(EngineRefusal) {
                id = .success(try await application.id(for: plain, request))
            } catch {
                id = .failure(error)
            }
            shard.value.answered(id, request, transport, head, on: bound.value)
        }
    }

    /// The application has decided.
    ///
    /// - Parameter id: Nil if it does not make the ids.
    private func answered(
        _ id: Result<String?, EngineRefusal>, _ request: EngineRequest, _ transport: EngineTransport,
        _ head: HTTPRequestHead, on connection: HTTPConnection
    ) {
        guard connection.isWaiting else { return }
        guard !isClosing else { return connection.respond(withCORS(.status(503), head), closing: true) }
        do throws(EngineRefusal) {
            let id = try id.get().map { ownID($0) } ?? makeID()
            let dialect = try request.dialect(allowsRevision3: configuration.allowEIO3)
            try go(.opening(id, over: transport, dialect), head, on: connection)
        } catch {
            refuse(error, head, on: connection)
        }
        connection.continueInput()
    }

    /// Takes the step on the loop that its session belongs to.
    private func go(
        _ step: EngineStep, _ head: HTTPRequestHead, on connection: HTTPConnection
    ) throws(EngineRefusal) {
        let home = EngineSessionID.homeLoop(of: step.sessionID, count: siblings.count)
        guard home == loop.index else { return connection.handOver(head, to: siblings[home], for: step) }
        try take(step, head, on: connection)
    }

    /// Takes a step that was decided on another loop.
    func resume(_ head: HTTPRequestHead, _ step: EngineStep, on connection: HTTPConnection) {
        guard !isClosing else { return connection.respond(withCORS(.status(503), head), closing: true) }
        do {
            try take(step, head, on: connection)
        } catch {
            refuse(error, head, on: connection)
        }
    }

    private func take(
        _ step: EngineStep, _ head: HTTPRequestHead, on connection: HTTPConnection
    ) throws(EngineRefusal) {
        switch step {
        case .session(let id, let transport, let request):
            let session = sessions[CompactID(id)]
            try request.check(transport, sessionTransport: session?.transport)
            if let headers = configuration.headers {
                connection.added = connection.added.replaced(by: headers(HTTPRequest(head: head, on: connection)))
            }
            if request.isWebSocketUpgrade {
                session?.beginUpgrade(head, on: connection)
            } else {
                session?.begin(head, on: connection)
            }
        case .opening(let id, let transport, let dialect):
            try open(id, over: transport, in: dialect, head, on: connection)
        }
    }

    /// Whether the page that asks, if it is one, may connect; the log says so if it may not.
    ///
    /// - Parameter cors: Nil for what is configured.
    func isAllowedOrigin(
        _ head: HTTPRequestHead, on connection: TCPConnection, by cors: CORSPolicy? = nil
    ) -> Bool {
        guard let origin = head.fields["origin"] else { return true }
        return isAllowed(origin, head, on: connection, by: cors ?? configuration.cors)
    }

    private func isAllowed(
        _ origin: String, _ head: HTTPRequestHead, on connection: TCPConnection, by cors: CORSPolicy
    ) -> Bool {
        let source = self.source(of: head, on: connection)
        if cors.allows(origin: origin, host: source.host ?? head.host, isSecure: source.isSecure) { return true }
        log.foreignOrigin.note("\(origin), at \(head.host ?? "no Host")", on: loop)
        return false
    }

    /// Whether the page that asks may run the answers as scripts, if that is what it wants (Protocol.md 9.4): CORS does not
    /// keep a page from that, and scripts have no `Origin`. So the page has to show that it is one that may connect.
    private func mayRunAnswers(_ head: HTTPRequestHead, on connection: TCPConnection) -> Bool {
        guard configuration.allowEIO3, EngineJSONP(head.query) != nil, head.fields["sec-fetch-site"] != "same-origin"
        else { return true }
        // An origin that no list has, for a page that does not say where it is from.
        let origin = head.fields["origin"] ?? head.fields["referer"].flatMap(Self.origin) ?? "null"
        return isAllowed(origin, head, on: connection, by: configuration.cors)
    }

    /// What comes before the path of a URL.
    private static func origin(of url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.count > 2 ? "\(parts[0])//\(parts[2])" : nil
    }

    func refuse(_ refusal: EngineRefusal, _ head: HTTPRequestHead, on connection: HTTPConnection) {
        // Once it is answered.
        defer {
            note(
                refusal, head, context: refusal.context(in: EngineRequest(head), method: head.method.name),
                on: connection)
        }
        if case .tooManySessions(let full) = refusal {
            log.noteRefusal(full, on: loop)
        } else if case .unsupportedVersion = refusal, EngineRequest(head).isOfRevision3 {
            log.revision3.note(on: loop)
        } else {
            configuration.logger.log(at: .debug, "request refused: \(refusal.message)")
        }
        if head.isUpgrade(to: "websocket") {
            return connection.respond(
                .webSocketRefused(refusal.message, status: refusal.upgradeStatus), closing: true)
        }
        let writer = ByteWriter()
        writer.append("{\"code\":")
        writer.append(decimal: refusal.code)
        writer.append(",\"message\":")
        writer.append(json: refusal.message)
        writer.append("}")
        let response = HTTPResponse(
            status: refusal.httpStatus, contentType: "application/json", body: writer.array())
        connection.respond(withCORS(response, head))
    }

    /// A request was refused: it is counted, and the application hears of it.
    private func note(
        _ refusal: EngineRefusal, _ head: HTTPRequestHead, context: @autoclosure () -> String?,
        on connection: HTTPConnection
    ) {
        refusals[refusal.code, default: 0] += 1
        connectionErrors.note(
            ConnectionError(
                code: ConnectionError.Code(rawValue: refusal.code), message: refusal.message, context: context(),
                request: HTTPRequest(head: head, on: connection)),
            on: loop)
    }

    private func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .options && configuration.cors.isEnabled
    }

    private func preflight(_ head: HTTPRequestHead) -> HTTPResponse {
        let cors = configuration.cors
        let fields = cors.preflightFields(requestedHeaders: head.fields["access-control-request-headers"])
        return withCORS(HTTPResponse(status: cors.successStatus, fields: fields), head)
    }

    func withCORS(_ response: HTTPResponse, _ head: HTTPRequestHead) -> HTTPResponse {
        var response = response
        response.fields += configuration.cors.responseFields(origin: head.fields["origin"])
        return response
    }
}

/// What a request to the engine turned out to want, wherever it arrived.
enum EngineStep: Sendable {
    /// A poll, a POST or an upgrade of a session, if there is one that uses this transport.
    case session(String, over: EngineTransport, EngineRequest)
    /// A new session, under an id that was chosen for it.
    case opening(String, over: EngineTransport, EngineDialect)

    var sessionID: String {
        switch self {
        case .session(let id, _, _), .opening(let id, _, _): id
        }
    }
}

extension HTTPResponse {
    /// The answer to a WebSocket handshake: the bare words (Protocol.md 1.4).
    static func webSocketRefused(_ words: String, status: Int) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/html", body: Array(words.utf8))
    }
}

extension EngineRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        self.init(
            transport: Self.parameter("transport", head.query), sessionID: Self.parameter("sid", head.query),
            version: Self.parameter("EIO", head.query),
            isGet: head.method == .get, isWebSocketUpgrade: head.isUpgrade(to: "websocket"))
    }

    private static func parameter(_ name: String, _ query: HTTPQuery) -> Parameter {
        switch query.occurrences(of: name) {
        case (let value?, 1): .once(value)
        case (nil, _): .missing
        default: .repeated
        }
    }
}
