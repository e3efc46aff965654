internal import NetLoop
internal import SocketIOWire

// Requests that are not the engine's: what the routes answer.

extension EngineShard {
    func beginPlain(_ head: HTTPRequestHead, path: String, on connection: HTTPConnection) {
        if head.isUpgrade(to: "websocket"), let route = routes.webSocketRoute(path) {
            return begin(route, head, on: connection)
        }
        connection.beginAccess(head)
        if let route = routes.streamedRoute(head.method, path) { return begin(route, head, on: connection) }
        connection.collectBody(of: head, for: .routes)
    }

    /// Answers a request that is whole.
    func route(_ request: HTTPRequest, on connection: HTTPConnection) {
        switch routes.match(request) {
        case .response(let response): connection.respond(response)
        case .route(let route):
            guard case .whole(let handler) = route.work else { return connection.respond(.status(500)) }
            let request = request.matching(route.pattern)
            let bound = LoopBound(connection, on: loop)
            let (log, logger, loop) = (log, configuration.logger, loop)
            connection.wait(.isAnswered) {
                let response = await Self.response(of: route, to: request, log, logger, loop) {
                    try await handler(request)
                }
                bound.value.respond(response.found(as: FileRequest(request)).adding(route.cors, for: request))
                bound.value.continueInput()
            }
        }
    }

    /// What `answer` says, or what is said where it fails.
    static func response(
        of route: Route, to request: HTTPRequest, _ log: EngineLog, _ logger: any ServerLogger,
        _ loop: EventLoop, _ answer: @Sendable () async throws -> HTTPResponse
    ) async -> HTTPResponse {
        do {
            let response = try await answer()
            guard (200...599).contains(response.status) else {
                log.failures.note(
                    "\(route): no status", "\(response.status), for \(request.path)", on: loop)
                return .status(500)
            }
            return response.noting {
                note($0, isCancelled: $1, of: route, for: request, log, logger, loop)
            }
        } catch let error as DecodingError {
            logger.log(at: .debug, "\(request.method) \(request.path) is answered with 400: \(error)")
            return .wrongBody(error)
        } catch {
            note(error, isCancelled: Task.isCancelled, of: route, for: request, log, logger, loop)
        }
        return .status(500)
    }

    /// What a route, or what it answered with, threw.
    private static func note(
        _ error: any Error, isCancelled: Bool, of route: Route, for request: HTTPRequest, _ log: EngineLog,
        _ logger: any ServerLogger, _ loop: EventLoop
    ) {
        if isCancelled {
            logger.log(at: .debug, "\(request.method) \(request.path) ended with its client: \(error)")
        } else {
            log.failures.note("\(route) failed", "\(error), for \(request.path)", on: loop)
        }
    }
}
