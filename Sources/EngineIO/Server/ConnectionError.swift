internal import SocketIOWire

/// A handshake that was refused, or a request for a session that there is not (Protocol.md 1.4): JavaScript's
/// `connection_error`.
public struct ConnectionError: Error, Sendable {
    /// Why: the `code` that the client is told.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The number on the wire.
        public let rawValue: Int

        /// The code of this number.
        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `transport` is missing, unknown or not enabled.
        public static let unknownTransport = Code(rawValue: 0)
        /// `sid` names no live session: it is over, or belongs to another server.
        public static let unknownSession = Code(rawValue: 1)
        /// A handshake that is not GET.
        public static let badHandshakeMethod = Code(rawValue: 2)
        /// The request does not fit its session or its transport, or the application's id failed.
        public static let badRequest = Code(rawValue: 3)
        /// `allowRequest` said no, or the page's origin may not connect.
        public static let forbidden = Code(rawValue: 4)
        /// A version of the protocol that is not served: 4 is, and 3 with `allowEIO3`.
        public static let unsupportedProtocol = Code(rawValue: 5)
        /// A limit on sessions was met.
        public static let tooManySessions = Code(rawValue: 6)
        /// Its address has asked for sessions too often, by `rates.handshakesPerAddress`.
        public static let tooManyHandshakes = Code(rawValue: 7)

        /// All that there are.
        package static let all: [Code] = [
            .unknownTransport, .unknownSession, .badHandshakeMethod, .badRequest, .forbidden, .unsupportedProtocol,
            .tooManySessions, .tooManyHandshakes,
        ]

        /// Its name, as the metrics have it: `unknown_session`.
        public var description: String {
            switch self {
            case .unknownTransport: "unknown_transport"
            case .unknownSession: "unknown_session"
            case .badHandshakeMethod: "bad_handshake_method"
            case .badRequest: "bad_request"
            case .forbidden: "forbidden"
            case .unsupportedProtocol: "unsupported_protocol"
            case .tooManySessions: "too_many_sessions"
            case .tooManyHandshakes: "too_many_handshakes"
            default: "code_\(rawValue)"
            }
        }
    }

    /// Why it was refused.
    public let code: Code
    /// What the client was told: `Session ID unknown`.
    public let message: String
    /// What of the request is at fault, as the client wrote it: the transport, the session's id, the method, the version or
    /// the origin; nil where that says nothing.
    public let context: String?
    /// The request: its method, path, address and headers.
    public let request: HTTPRequest
}

extension EngineRefusal {
    /// What of `request` is at fault.
    func context(in request: EngineRequest, method: String) -> String? {
        switch self {
        case .unknownTransport: request.transport.words
        case .unknownSession: request.sessionID.words
        case .badHandshakeMethod: method
        case .unsupportedVersion: request.version.words
        case .badRequest, .forbidden, .tooManySessions, .tooManyHandshakes: nil
        }
    }
}

extension EngineRequest.Parameter {
    fileprivate var words: String? {
        switch self {
        case .missing: nil
        case .once(let value): value
        case .repeated: "several"
        }
    }
}
