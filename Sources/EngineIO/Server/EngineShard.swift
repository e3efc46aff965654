package import NetLoop
internal import SocketIOWire
internal import Synchronization

/// What one loop knows of an engine: its sessions, and how its requests are answered. Lives on that loop.
package final class EngineShard {
    package let loop: EventLoop
    let configuration: EngineIOServer.Configuration
    let httpLimits: HTTPLimits
    let webSocketSettings: WebSocketSettings
    /// Unsent bytes at which a session is given up.
    let sessionOutputLimit: Int
    let sessionRules: EngineServerSession.Rules
    /// What the instants that sessions keep are counted from.
    let sessionEpoch: EventLoop.Instant
    /// The shards of all loops, by index; none before the server begins to listen and after its end.
    private(set) var siblings: [LoopBound<EngineShard>] = []

    private let routes: HTTPRoutes
    /// Who takes the sessions; nil before the server begins to listen and after its end.
    private var upper: (any UpperShard)?
    private let path: String
    private let enabled: Set<EngineTransport>
    private var sessions = KeyedTable<EngineSession>()
    /// Polling sessions with something new to say, until the end of the turn.
    private var unsent: [EngineSession] = []
    /// Whether responses end their connections, because the server is shutting down.
    private(set) var isClosing = false
    private var generator = SystemRandomNumberGenerator()

    init(loop: EventLoop, configuration: EngineIOServer.Configuration, routes: HTTPRoutes) {
        self.loop = loop
        self.configuration = configuration
        self.routes = routes
        let limits = configuration.limits
        httpLimits = HTTPLimits(
            lineAndHeaderBytes: limits.headerBytes, headerCount: limits.headerCount,
            bodyBytes: configuration.maxHttpBufferSize)
        switch limits.overflow {
        case .disconnect: sessionOutputLimit = limits.bufferedBytes
        case .dropVolatile:
            let (product, overflow) = limits.bufferedBytes.multipliedReportingOverflow(by: 4)
            sessionOutputLimit = overflow ? .max : product
        }
        sessionRules = EngineServerSession.Rules(configuration, outputLimit: sessionOutputLimit)
        sessionEpoch = loop.now
        webSocketSettings = WebSocketSettings(
            limits: WebSocketLimits(
                messageBytes: configuration.maxHttpBufferSize, fragments: limits.fragmentsPerMessage),
            closeTime: limits.closeTime, outputLimit: sessionOutputLimit)
        path = configuration.path.hasSuffix("/") ? configuration.path : configuration.path + "/"
        enabled = configuration.transports
    }

    package var sessionCount: Int { sessions.count }

    // MARK: Requests

    /// A request's head arrived on `exchange`.
    ///
    /// - Parameter assignedID: The session id that the application chose on another loop.
    func begin(_ head: HTTPRequestHead, on exchange: HTTPConnection, assignedID: String?) {
        guard !isClosing else { return exchange.respond(.status(503), closing: true) }
        let path = head.decodedPath
        guard path.hasPrefix(self.path) else { return beginPlain(head, path: path, on: exchange) }
        let rest = String(path.dropFirst(self.path.count))
        if head.method == .get || head.method == .head,
            let file = configuration.clientBundle.response(to: rest, ifNoneMatch: head.fields["if-none-match"])
        {
            return exchange.respond(withCORS(file, head))
        }
        do {
            try beginEngine(head, on: exchange, assignedID: assignedID)
        } catch {
            refuse(error, head, on: exchange)
        }
    }

    private func beginEngine(
        _ head: HTTPRequestHead, on exchange: HTTPConnection, assignedID: String?
    ) throws(EngineRefusal) {
        if head.method == .options, configuration.cors.isEnabled {
            return exchange.respond(preflight(head))
        }
        let request = EngineRequest(head)
        let step = try request.check(enabled: enabled)
        guard !request.isWebSocketUpgrade || isAllowedOrigin(head, on: exchange.connection) else {
            return exchange.respond(.webSocketRefused("Forbidden", status: 403), closing: true)
        }
        switch step {
        case .session(let id, let transport):
            let home = EngineSessionID.homeLoop(of: id, count: siblings.count)
            guard home == loop.index else { return exchange.handOver(head, to: home) }
            let session = sessions[CompactID(id)]
            try request.check(transport, sessionTransport: session?.transport)
            if request.isWebSocketUpgrade {
                session?.beginUpgrade(head, on: exchange)
            } else {
                session?.begin(head, on: exchange)
            }
        case .handshake(let transport):
            if let assignedID {
                return try open(transport, head, on: exchange, id: assignedID)
            }
            guard let allowRequest = configuration.allowRequest else {
                try request.checkVersion()
                return try open(transport, head, on: exchange, id: nil)
            }
            ask(allowRequest, request, transport, head, on: exchange)
        }
    }

    /// Lets the application decide, which may take a while.
    private func ask(
        _ allowRequest: @escaping @Sendable (HTTPRequest) async throws -> Void, _ request: EngineRequest,
        _ transport: EngineTransport, _ head: HTTPRequestHead, on exchange: HTTPConnection
    ) {
        let plain = HTTPRequest(head: head, on: exchange.connection)
        exchange.wait(for: self)
        let shard = LoopBound(self, on: loop)
        let exchange = LoopBound(exchange, on: loop)
        loop.start {
            let refusal: EngineRefusal?
            do {
                try await allowRequest(plain)
                refusal = nil
            } catch {
                refusal = .forbidden((error as? RequestRefused)?.message)
            }
            shard.value.answered(refusal, request, transport, head, on: exchange.value)
        }
    }

    private func answered(
        _ refusal: EngineRefusal?, _ request: EngineRequest, _ transport: EngineTransport, _ head: HTTPRequestHead,
        on exchange: HTTPConnection
    ) {
        guard exchange.isWaiting else { return }
        guard !isClosing else { return exchange.respond(.status(503), closing: true) }
        do throws(EngineRefusal) {
            if let refusal { throw refusal }
            try request.checkVersion()
            try open(transport, head, on: exchange, id: nil)
        } catch {
            refuse(error, head, on: exchange)
        }
        exchange.continueInput()
    }

    private func isAllowedOrigin(_ head: HTTPRequestHead, on connection: TCPConnection) -> Bool {
        guard let origin = head.fields["origin"] else { return true }
        if configuration.cors.allows(origin: origin, host: head.fields["host"], isSecure: connection.isSecure) {
            return true
        }
        configuration.logger.log(
            at: .info, "WebSocket from origin \(origin) refused: allow it with `cors`, or serve the page from here")
        return false
    }

    private func refuse(_ refusal: EngineRefusal, _ head: HTTPRequestHead, on exchange: HTTPConnection) {
        configuration.logger.log(at: .debug, "request refused: \(refusal.message)")
        if head.isUpgrade(to: "websocket") {
            // Protocol.md 1.4: always 400.
            return exchange.respond(.webSocketRefused(refusal.message, status: 400), closing: true)
        }
        let writer = ByteWriter()
        writer.append("{\"code\":")
        writer.append(decimal: refusal.code)
        writer.append(",\"message\":")
        writer.append(json: refusal.message)
        writer.append("}")
        let response = HTTPResponse(
            status: refusal.httpStatus, contentType: "application/json", body: writer.array())
        exchange.respond(withCORS(response, head))
    }

    private func preflight(_ head: HTTPRequestHead) -> HTTPResponse {
        let fields = configuration.cors.preflightFields(requestedHeaders: head.fields["access-control-request-headers"])
        return withCORS(HTTPResponse(status: 204, fields: fields), head)
    }

    private func withCORS(_ response: HTTPResponse, _ head: HTTPRequestHead) -> HTTPResponse {
        var response = response
        response.fields += configuration.cors.responseFields(origin: head.fields["origin"])
        return response
    }

    // MARK: Sessions

    private func open(
        _ transport: EngineTransport, _ head: HTTPRequestHead, on exchange: HTTPConnection, id assignedID: String?
    ) throws(EngineRefusal) {
        let request = HTTPRequest(head: head, on: exchange.connection)
        let id = if let assignedID { assignedID } else { try makeID(for: request) }
        let home = EngineSessionID.homeLoop(of: id, count: siblings.count)
        guard home == loop.index else { return exchange.handOver(head, to: home, sessionID: id) }
        guard sessions[CompactID(id)] == nil else { throw .badRequest }
        // Protocol.md 1.4: no session begins while the server is closing.
        guard !isClosing, let upper else {
            return exchange.respond(HTTPResponse(status: 503), closing: true)
        }
        let session = EngineSession(id: id, transport: transport, request: request.kept, shard: self)
        switch transport {
        case .polling:
            sessions.insert(session)
            session.open(over: exchange)
        case .webSocket:
            guard
                let webSocket = exchange.upgrade(head, settings: webSocketSettings, delegate: session)
            else { return session.end(because: .forcedClose) }
            sessions.insert(session)
            session.open(over: webSocket)
        }
        session.begin(with: upper.handler(for: session))
    }

    private func makeID(for request: HTTPRequest) throws(EngineRefusal) -> String {
        guard let generateID = configuration.generateID else {
            return EngineSessionID.random(homeLoop: loop.index, count: siblings.count, using: &generator)
        }
        do {
            return try generateID(request)
        } catch {
            configuration.logger.log(at: .error, "generateID failed: \(error)")
            throw .badRequest
        }
    }

    func handshake(for session: EngineSession) -> EngineHandshake {
        let upgrades = configuration.allowUpgrades && session.transport == .polling && enabled.contains(.webSocket)
        return EngineHandshake(
            sessionID: session.id, upgrades: upgrades ? [.webSocket] : [], pingInterval: configuration.pingInterval,
            pingTimeout: configuration.pingTimeout, maxPayload: configuration.maxHttpBufferSize)
    }

    func remove(_ session: EngineSession) {
        sessions.remove(session)
    }

    /// A new id for a socket, which tells its home as a session's does.
    package func makeSocketID() -> String {
        EngineSessionID.random(homeLoop: loop.index, count: siblings.count, using: &generator)
    }

    /// Answers the session's poll with the end of the turn.
    func noteUnsent(_ session: EngineSession) {
        if unsent.isEmpty { loop.whenTurnEnds(self) }
        unsent.append(session)
    }

    /// The server begins to listen.
    func start(among siblings: [LoopBound<EngineShard>], below layer: any UpperLayer) {
        self.siblings = siblings
        upper = layer.started(on: self)
    }

    /// Ends all sessions, and the connections that do nothing.
    func closeAll() {
        isClosing = true
        for session in sessions.all { session.close(because: .serverShuttingDown) }
        for connection in loop.tcpConnections { (connection.handler as? HTTPConnection)?.closeIfIdle() }
    }

    /// The loop serves no connection any more: ends the sessions whose clients did not come for what was left, and lets
    /// go of what refers back to this shard.
    func retire() {
        for session in sessions.all { session.abandon(because: .serverShuttingDown) }
        siblings = []
        let ended = upper
        upper = nil
        ended?.ended()
    }

    // MARK: Plain HTTP

    private func beginPlain(_ head: HTTPRequestHead, path: String, on exchange: HTTPConnection) {
        if head.isUpgrade(to: "websocket"), let route = routes.webSocketRoute(path) {
            return beginWebSocket(route, head, on: exchange)
        }
        exchange.collectBody(of: head, for: .routes)
    }

    private func beginWebSocket(_ route: WebSocketRoute, _ head: HTTPRequestHead, on exchange: HTTPConnection) {
        switch route {
        case .echo(let limits):
            let settings = WebSocketSettings(
                limits: limits, closeTime: configuration.limits.closeTime, outputLimit: sessionOutputLimit)
            let echo = WebSocketEcho()
            echo.webSocket = exchange.upgrade(head, settings: settings, delegate: echo)
        }
    }

    /// Answers a plain request.
    func route(_ request: HTTPRequest, on exchange: HTTPConnection) {
        switch routes.match(request) {
        case .response(let response): exchange.respond(response)
        case .notFound: exchange.respond(.status(404))
        case .wrongMethod(let allowed):
            var response = HTTPResponse.status(405)
            response.fields.append(("Allow", allowed))
            exchange.respond(response)
        case .handler(let handler):
            let logger = configuration.logger
            let exchange = LoopBound(exchange, on: loop)
            loop.start {
                var response: HTTPResponse
                do {
                    response = try await handler(request)
                    if !(200...599).contains(response.status) {
                        logger.log(at: .error, "\(request.method) \(request.path): no status: \(response.status)")
                        response = .status(500)
                    }
                } catch is DecodingError {
                    response = .status(400)
                } catch {
                    logger.log(at: .error, "\(request.method) \(request.path) failed: \(error)")
                    response = .status(500)
                }
                exchange.value.respond(response)
                exchange.value.continueInput()
            }
        }
    }
}

extension EngineShard: HTTPExchangeOwner {
    /// While `allowRequest` decides; `answered` sees that the client is gone.
    func exchangeAborted(_ exchange: HTTPConnection) {}
}

extension EngineShard: TurnEndTarget {
    package func turnEnds() {
        let sessions = unsent
        unsent = []
        for session in sessions { session.turnEnded() }
    }
}

extension HTTPResponse {
    /// The answer to a WebSocket handshake: the bare words (Protocol.md 1.4).
    fileprivate static func webSocketRefused(_ words: String, status: Int) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "text/html", body: Array(words.utf8))
    }
}

extension EngineRequest {
    init(_ head: HTTPRequestHead) {
        self.init(
            transport: Self.parameter("transport", head.query), sessionID: Self.parameter("sid", head.query),
            version: Self.parameter("EIO", head.query),
            isGet: head.method == .get, isWebSocketUpgrade: head.isUpgrade(to: "websocket"))
    }

    private static func parameter(_ name: String, _ query: HTTPQuery) -> Parameter {
        switch query.count(of: name) {
        case 0: .missing
        case 1: .once(query[name] ?? "")
        default: .repeated
        }
    }
}
