internal import NetLoop
internal import SocketIOWire

// What the application says about the requests of the engine, and adds to their answers.

extension EngineShard {
    /// Asks about a request, whose body waits meanwhile, one middleware after the other.
    func askMiddlewares(_ head: HTTPRequestHead, on connection: HTTPConnection) {
        let request = HTTPRequest(head: head, on: connection)
        let (middlewares, log, loop) = (configuration.middlewares, log, loop)
        let shard = LoopBound(self, on: loop)
        let bound = LoopBound(connection, on: loop)
        connection.wait(.waits) {
            var fields: [HTTPField] = []
            var refusal: EngineRefusal?
            do {
                for middleware in middlewares { fields += try await middleware(request) }
            } catch let refused as RequestRefused {
                refusal = .forbidden(refused.message)
            } catch {
                log.noteFailure(of: "a middleware of the engine", error, on: loop)
                refusal = .badRequest
            }
            shard.value.decided(refusal, fields, head, on: bound.value)
        }
    }

    /// - Parameter refusal: Nil for a request that may go on.
    private func decided(
        _ refusal: EngineRefusal?, _ fields: [HTTPField], _ head: HTTPRequestHead, on connection: HTTPConnection
    ) {
        guard connection.isWaiting else { return }
        connection.decided()
        connection.added = fields
        if isClosing {
            connection.respond(withCORS(.status(503), head), closing: true)
        } else if let refusal {
            refuse(refusal, head, on: connection)
        } else {
            pass(head, on: connection)
        }
        connection.update()
        connection.continueInput()
    }

    /// What the answer that begins a session has besides the engine's own fields.
    func firstFields(
        of sessionID: String, over transport: EngineTransport, for request: HTTPRequest
    ) -> [HTTPField] {
        var fields: [HTTPField] = []
        switch transport {
        // As with the official server: who has a WebSocket need not be found again.
        case .webSocket: break
        case .polling:
            if let cookie = configuration.cookie { fields.append(("Set-Cookie", cookie.line(for: sessionID))) }
        }
        if let initialHeaders = configuration.initialHeaders { fields += initialHeaders(request) }
        if let headers = configuration.headers { fields += headers(request) }
        return fields
    }
}

extension [HTTPField] {
    /// These with those that the application adds, which replace the ones of the same name, but for fields of which there may
    /// be several.
    func replaced(by added: [HTTPField]) -> [HTTPField] {
        let kept = filter { own in
            Self.repeatable.contains { own.name.hasSameLetters(as: $0) }
                || !added.contains { $0.name.hasSameLetters(as: own.name) }
        }
        return kept + added
    }

    private static var repeatable: [String] { ["Set-Cookie", "Vary"] }
}

extension String {
    /// Whether the two are one name of a field.
    func hasSameLetters(as other: String) -> Bool {
        utf8.span.equalsIgnoringCase(other.utf8.span)
    }
}
