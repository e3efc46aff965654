public import EngineIO
internal import NetLoop
internal import SocketIOWire

/// What a client brought along when it connected.
public struct Handshake: Sendable {
    private let kept: KeptRequest
    private let authBytes: [UInt8]
    /// When the session began.
    let opened: ContinuousClock.Instant

    init(of session: EngineSession, auth: [UInt8]) {
        kept = session.request
        authBytes = auth
        opened = session.opened
    }

    /// - Parameters:
    ///   - auth: JSON; empty if there is none.
    ///   - opened: When the session began, by the clock of this process.
    init(_ request: KeptRequest, auth: [UInt8], opened: ContinuousClock.Instant) {
        kept = request
        authBytes = auth
        self.opened = opened
    }

    /// What it holds in memory.
    var byteCount: Int { kept.byteCount + authBytes.count }

    private var request: HTTPRequest { HTTPRequest(kept) }

    /// The header fields of the request that began the session.
    public var headers: HTTPHeaders { request.headers }

    /// Path and query of that request, as they were written.
    public var url: String { kept.target }

    /// Whether the request names its origin, as pages do that come from elsewhere (and, over WebSocket, all pages): what
    /// JavaScript has as `xdomain`.
    public var isCrossDomain: Bool { headers["origin"] != nil }

    /// The query parameters of that request; `EIO`, `transport` and `t` among them.
    public var query: QueryParameters { request.query }

    /// The client's address, if it comes straight or through `trustedProxies`; that of another proxy, if there is one.
    public var address: String { request.remoteAddress }

    /// Whether the session began over TLS: with this server, or with a proxy of `trustedProxies` that says so.
    public var isSecure: Bool { request.isSecure }

    /// The certificate that the client has shown, if `ServerTLS.clientCertificates` asks for one.
    ///
    /// ```swift
    /// io.use { socket in
    ///     let certificate = socket.handshake.clientCertificate
    ///     guard certificate?.subject == "CN=Ada" else { throw ConnectionRefused("who are you?") }
    /// }
    /// ```
    public var clientCertificate: ClientCertificate? { request.clientCertificate }

    /// The name that the client asked for, and the port where it is not the scheme's own, as it is in the URL. What a proxy
    /// of `trustedProxies` says goes before `Host`.
    public var host: String? { request.host }

    /// What the client gave as `auth`, which it may change with each connection.
    ///
    /// ```swift
    /// let login = try socket.handshake.auth(as: Login.self)
    /// ```
    /// - Throws: `DecodingError` if it is of another type, or not there, even if all of the type's members are optional. In
    ///   a middleware, that refuses the socket.
    public func auth<Auth: Decodable>(as type: Auth.Type = Auth.self) throws -> Auth {
        guard !authBytes.isEmpty else {
            throw DecodingError.valueNotFound(
                type, DecodingError.Context(codingPath: [], debugDescription: "The client gave no `auth`."))
        }
        return try JSONCoding.decode(type, from: authBytes.span, attachments: [])
    }
}
