package import NetLoop
package import SocketIOWire

/// A plain HTTP request, or the request that began a session.
public struct HTTPRequest: Sendable {
    /// Elsewhere, because a session and each of its sockets keep the request: they share one.
    private final class Content: Sendable {
        let head: HTTPRequestHead
        let peer: SocketAddress
        let isSecure: Bool
        let body: [UInt8]

        init(head: HTTPRequestHead, peer: SocketAddress, isSecure: Bool, body: [UInt8]) {
            self.head = head
            self.peer = peer
            self.isSecure = isSecure
            self.body = body
        }
    }

    private let content: Content

    package init(head: HTTPRequestHead, on connection: TCPConnection, body: [UInt8] = []) {
        content = Content(head: head, peer: connection.peer, isSecure: connection.isSecure, body: body)
    }

    package var head: HTTPRequestHead { content.head }
    package var peer: SocketAddress { content.peer }

    /// The body, empty if there is none.
    public var body: [UInt8] { content.body }

    /// `GET`, `POST`, …
    public var method: String { head.method.name }

    /// The path, percent-decoded, without the query.
    public var path: String { head.decodedPath }

    /// The header fields, by name in any case.
    public var headers: HTTPHeaders { HTTPHeaders(fields: head.fields) }

    /// The query parameters, percent-decoded; the first of a name counts.
    public var query: QueryParameters { QueryParameters(query: head.query) }

    /// The peer's address, without the port: a proxy's, if there is one.
    public var remoteAddress: String { peer.host }

    /// Whether it came over TLS to this server; what comes from a proxy that ends TLS did not.
    public var isSecure: Bool { content.isSecure }

    /// The body, decoded from JSON.
    ///
    /// - Throws: `DecodingError` if the body is not JSON, or not of this type.
    public func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        do {
            _ = try UTF8Span(validating: body.span)
            try JSONScanner.validate(body.span, maximumDepth: PacketLimits().jsonDepth)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "the body is not JSON: \(error)"))
        }
        return try JSONCoding.decode(type, from: body.span, attachments: [])
    }
}

/// The header fields of a request.
public struct HTTPHeaders: Sendable {
    let fields: HTTPFields

    /// The value of a field, the first of its name; the name in any case.
    public subscript(name: String) -> String? { fields[name] }
}

/// The query parameters of a request.
public struct QueryParameters: Sendable {
    let query: HTTPQuery

    /// The value of a parameter, the first of its name.
    public subscript(name: String) -> String? { query[name] }
}
