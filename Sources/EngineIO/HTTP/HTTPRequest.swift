internal import NetLoop
package import SocketIOWire

/// A plain HTTP request, or the request that began a session.
public struct HTTPRequest: Sendable {
    package let kept: KeptRequest
    /// The body, empty if there is none.
    public let body: [UInt8]
    /// What stood where the path of the route has `:name` or `*name`.
    public private(set) var parameters = PathParameters(values: [])
    private let jsonDepth: Int

    /// - Parameter jsonDepth: How deep the JSON of the body may nest.
    package init(_ kept: KeptRequest, body: [UInt8] = [], jsonDepth: Int = PacketLimits().jsonDepth) {
        self.kept = kept
        self.body = body
        self.jsonDepth = jsonDepth
    }

    init(
        head: HTTPRequestHead, on connection: HTTPConnection, body: [UInt8] = [],
        jsonDepth: Int = PacketLimits().jsonDepth
    ) {
        let source = connection.shard.source(of: head, on: connection.connection)
        self.init(
            KeptRequest(
                connection.shard.forwarder == nil ? head : head.without(NodeProof.field), from: source.address,
                isSecure: source.isSecure, host: source.host,
                certificate: connection.connection.peerCertificate.map { ClientCertificate($0).kept },
                using: connection.loop.scratch),
            body: body, jsonDepth: jsonDepth)
    }

    /// `GET`, `POST`, …
    public var method: String { kept.method }

    /// The path, percent-decoded, without the query. `%2F` stays: it is part of a name, and no separator.
    public var path: String { kept.decodedPath }

    /// Path and query as the client wrote them: without spaces and control characters, for logs.
    public var url: String { kept.target }

    /// The header fields, by name in any case.
    public var headers: HTTPHeaders { HTTPHeaders(request: kept) }

    /// The query parameters, percent-decoded.
    public var query: QueryParameters { QueryParameters(query: kept.query) }

    /// The client's address, without the port, if it comes straight or through `trustedProxies`; that of another proxy, if
    /// there is one.
    public var remoteAddress: String { kept.address }

    /// Whether it came over TLS: to this server, or to a proxy of `trustedProxies` that says so.
    public var isSecure: Bool { kept.isSecure }

    /// The certificate that the client has shown, if `ServerTLS.clientCertificates` asks for one; that of a proxy, if there is
    /// one.
    public var clientCertificate: ClientCertificate? { kept.certificate.flatMap(ClientCertificate.init(kept:)) }

    /// The name that the client asked for, and the port where it is not the scheme's own, as it is in the URL; nil from a
    /// client of HTTP/1.0 that does not say it. What a proxy of `trustedProxies` says goes before `Host`.
    public var host: String? { kept.host }

    /// The same for the handler of a route.
    func matching(_ pattern: RoutePattern) -> HTTPRequest {
        var request = self
        request.parameters = pattern.parameters(in: kept.rawPath)
        return request
    }

    /// The body, decoded from JSON.
    ///
    /// - Throws: `DecodingError` if the body is not JSON, nests deeper than the server's `limits.jsonDepth` (128), or is not
    ///   of this type. A route that lets it pass answers 400 with what is wrong.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        do {
            _ = try UTF8Span(validating: body.span)
            try JSONScanner.validate(body.span, maximumDepth: jsonDepth)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "the body is not JSON: \(error)"))
        }
        return try JSONCoding.decode(type, from: body.span, attachments: [])
    }
}

/// The header fields of a request.
public struct HTTPHeaders: Sendable {
    let request: KeptRequest

    /// The value of a field, its name in any case; nil if there is none. One that was sent in several lines is joined by
    /// `, ` (RFC 9110 5.3), `Cookie` by `; `.
    public subscript(name: String) -> String? { request.joined(name) }

    /// All fields in the order sent, those of one name one by one; names in lower case.
    public var all: [(name: String, value: String)] { request.headers }
}

/// The query parameters of a request.
public struct QueryParameters: Sendable {
    let query: HTTPQuery

    /// The value of a parameter, the first of its name.
    public subscript(name: String) -> String? { query[name] }

    /// All values of a parameter, in the order sent: `["a", "b"]` of `?tag=a&tag=b`.
    public func values(of name: String) -> [String] { query.values(of: name) }

    /// All parameters, in the order sent.
    package var items: [(name: String, value: String)] { query.items }

    /// The query as it was sent, without the `?`; empty if there is none.
    public var raw: String { query.raw }
}
