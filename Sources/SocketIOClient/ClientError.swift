internal import SocketIOEvents
internal import SocketIOWire

/// Why a client could not connect, or what went wrong in it.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: Hashable, Sendable {
            case invalidURL, invalidAuth, unresolvable, connectionRefused, unreachable, timedOut
            case tlsUnavailable, selfSigned, untrusted, expired, wrongHost, insecure
            case redirected, proxyRequired, rejected, badResponse, connectionLost, refused
            case closed, cancelled, attemptsUsedUp, offlineBufferFull, unencodable, system
            case invalidNamespace, invalidHeader, ignoredSettings, unacknowledged
        }
        private let value: Value

        /// Its name.
        public var description: String { "\(value)" }

        /// The manager's URL cannot be used; the message says why.
        public static let invalidURL = Code(value: .invalidURL)
        /// `auth` failed, or is not an object as `CONNECT` needs it.
        public static let invalidAuth = Code(value: .invalidAuth)
        /// The host's name has no address.
        public static let unresolvable = Code(value: .unresolvable)
        /// Nothing listens on the port.
        public static let connectionRefused = Code(value: .connectionRefused)
        /// There is no way to the host.
        public static let unreachable = Code(value: .unreachable)
        /// Nobody answered in time.
        public static let timedOut = Code(value: .timedOut)
        /// OpenSSL 3 is not installed; the message names the package.
        public static let tlsUnavailable = Code(value: .tlsUnavailable)
        /// The server's certificate is signed by itself.
        public static let selfSigned = Code(value: .selfSigned)
        /// The server's certificate is signed by nobody known, or not to be trusted for another reason.
        public static let untrusted = Code(value: .untrusted)
        /// The server's certificate has expired, or is not valid yet.
        public static let expired = Code(value: .expired)
        /// The server's certificate is another host's.
        public static let wrongHost = Code(value: .wrongHost)
        /// A secure connection could not be made for another reason.
        public static let insecure = Code(value: .insecure)
        /// The server answered with a redirect, which is not followed.
        public static let redirected = Code(value: .redirected)
        /// A proxy wants to be asked, which is not supported.
        public static let proxyRequired = Code(value: .proxyRequired)
        /// The server refused the session, for instance because of its `allowRequest` or its transports.
        public static let rejected = Code(value: .rejected)
        /// What answered does not speak Engine.IO 4, or broke its rules.
        public static let badResponse = Code(value: .badResponse)
        /// The connection ended before everything was set up.
        public static let connectionLost = Code(value: .connectionLost)
        /// A middleware of the server refused the socket, or the namespace does not exist; see `data(as:)`.
        public static let refused = Code(value: .refused)
        /// The manager was closed, or the socket disconnected, meanwhile.
        public static let closed = Code(value: .closed)
        /// The waiting task was cancelled.
        public static let cancelled = Code(value: .cancelled)
        /// As many attempts to reconnect as allowed have failed.
        public static let attemptsUsedUp = Code(value: .attemptsUsedUp)
        /// An event was dropped because as much waits as `offlineBuffer` allows.
        public static let offlineBufferFull = Code(value: .offlineBufferFull)
        /// An event was dropped because its arguments could not be encoded.
        public static let unencodable = Code(value: .unencodable)
        /// The namespace has a name that cannot be sent.
        public static let invalidNamespace = Code(value: .invalidNamespace)
        /// A field of `extraHeaders` cannot be sent.
        public static let invalidHeader = Code(value: .invalidHeader)
        /// A socket was asked for with other settings than it was made with, which it keeps.
        public static let ignoredSettings = Code(value: .ignoredSettings)
        /// An event was given up: the server acknowledged none of the attempts that `retries` allows.
        public static let unacknowledged = Code(value: .unacknowledged)
        /// The system refused; the message says what.
        public static let system = Code(value: .system)
    }

    /// What went wrong.
    public let code: Code
    /// What happened and what to do; for a refusal, the server's own words.
    public let message: String
    /// What led to it, if it was another error. For a refusal, `ConnectionRefused`.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { message }

    /// What the server gave along with its refusal, as a `Value`.
    ///
    /// ```swift
    /// socket.onConnectError { error in
    ///     if error.code == .refused { retryAfter = try error.data(as: Wait.self).seconds }
    /// }
    /// ```
    /// - Throws: `DecodingError` if there is none, or it is of another type.
    public func data<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let data = (cause as? ConnectionRefused)?.data as? JSONValue ?? .null
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        writer.append(json: data, attachments: &attachments)
        return try JSONCoding.decode(type, from: writer.array().span, attachments: attachments)
    }
}
