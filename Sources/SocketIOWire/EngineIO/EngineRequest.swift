/// Why a request is refused (Protocol.md 1.4).
package enum EngineRefusal: Error, Equatable, Sendable {
    case unknownTransport
    case unknownSession
    case badHandshakeMethod
    case badRequest
    /// `allowRequest` said no, with these words if it has any.
    case forbidden(String?)
    case unsupportedVersion
    /// A limit says no (Protocol.md 6).
    case tooManySessions(SessionAdmission.Full)
    /// Its address has asked for sessions too often (Protocol.md 6).
    case tooManyHandshakes

    /// The `code` of the response's body.
    package var code: Int {
        switch self {
        case .unknownTransport: 0
        case .unknownSession: 1
        case .badHandshakeMethod: 2
        case .badRequest: 3
        case .forbidden: 4
        case .unsupportedVersion: 5
        case .tooManySessions: 6
        case .tooManyHandshakes: 7
        }
    }

    /// The `message` of the response's body.
    package var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden(let message): message ?? "Forbidden"
        case .unsupportedVersion: "Unsupported protocol version"
        case .tooManySessions(.server): "Too many sessions"
        case .tooManySessions(.network): "Too many sessions from this address"
        case .tooManyHandshakes: "Too many requests"
        }
    }

    /// The status of a polling response.
    package var httpStatus: Int {
        switch self {
        case .forbidden: 403
        case .tooManySessions: 503
        case .tooManyHandshakes: 429
        case .unknownTransport, .unknownSession, .badHandshakeMethod, .badRequest, .unsupportedVersion: 400
        }
    }
}

extension EngineRefusal {
    /// The status of the answer to a WebSocket handshake: always the same where the request is at fault.
    package var upgradeStatus: Int {
        switch self {
        case .tooManySessions: 503
        case .tooManyHandshakes: 429
        case .forbidden, .unknownTransport, .unknownSession, .badHandshakeMethod, .badRequest, .unsupportedVersion: 400
        }
    }
}

/// What the query and the head of a request to the engine say, and the checks in the official order (Protocol.md 3.2).
package struct EngineRequest: Sendable {
    /// A query parameter: a repeated one is not what anybody meant.
    package enum Parameter: Equatable, Sendable {
        case missing
        case once(String)
        case repeated
    }

    package let transport: Parameter
    package let sessionID: Parameter
    package let version: Parameter
    package let isGet: Bool
    package let isWebSocketUpgrade: Bool

    package init(
        transport: Parameter, sessionID: Parameter, version: Parameter, isGet: Bool, isWebSocketUpgrade: Bool
    ) {
        self.transport = transport
        self.sessionID = sessionID
        self.version = version
        self.isGet = isGet
        self.isWebSocketUpgrade = isWebSocketUpgrade
    }

    package enum Step: Equatable, Sendable {
        /// Belongs to this session, if there is one: `check(sessionTransport:)` is next.
        case session(String, EngineTransport)
        /// Wants a session: `allowRequest` is next, then `dialect`.
        case handshake(EngineTransport)
    }

    /// The checks that need no session.
    package func check(enabled: Set<EngineTransport>) throws(EngineRefusal) -> Step {
        guard case .once(let name) = transport, let transport = EngineTransport(rawValue: name),
            enabled.contains(transport)
        else { throw .unknownTransport }
        switch sessionID {
        case .once(let id) where !id.isEmpty:
            return .session(id, transport)
        case .repeated:
            throw .unknownSession
        case .missing, .once:
            // An empty id is none, as with the official server.
            guard isGet else { throw .badHandshakeMethod }
            guard (transport == .webSocket) == isWebSocketUpgrade else { throw .badRequest }
            return .handshake(transport)
        }
    }

    /// The checks against the session that the request names; nil if there is none.
    package func check(_ transport: EngineTransport, sessionTransport: EngineTransport?) throws(EngineRefusal) {
        guard let sessionTransport else { throw .unknownSession }
        if isWebSocketUpgrade {
            guard transport == .webSocket else { throw .badRequest }
        } else {
            // A plain request for a WebSocket's session must not reach it, whatever transport it names.
            guard transport == .polling, sessionTransport == .polling else { throw .badRequest }
        }
    }

    /// What the session speaks; a missing version means an older client.
    package func dialect(allowsRevision3: Bool) throws(EngineRefusal) -> EngineDialect {
        guard let dialect = EngineDialect(version: version, allowsRevision3: allowsRevision3) else {
            throw .unsupportedVersion
        }
        return dialect
    }

    /// Whether it is refused only because the client is too old.
    package var isOfRevision3: Bool { EngineDialect(version: version, allowsRevision3: true) == .revision3 }
}
