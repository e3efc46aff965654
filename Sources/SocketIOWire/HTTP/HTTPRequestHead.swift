/// The request line and fields of a request. One allocation for its bytes and one for where the fields are in them.
package struct HTTPRequestHead: Sendable {
    package let method: HTTPMethod
    package let version: HTTPVersion
    package let bodyLength: HTTPBodyLength
    package let fields: HTTPFields
    let targetLine: HTTPTarget

    init(
        method: HTTPMethod, version: HTTPVersion, target: HTTPTarget, bodyLength: HTTPBodyLength, fields: HTTPFields
    ) {
        self.method = method
        self.version = version
        self.bodyLength = bodyLength
        self.fields = fields
        targetLine = target
    }

    /// Path and query as they were sent, without the authority of an absolute target.
    package var target: String { path + text(targetLine.path.upperBound..<targetLine.end) }

    /// The path as it was sent: percent-encoded, `/` at least, or `*`.
    package var path: String { targetLine.path.isEmpty ? "/" : text(targetLine.path) }

    /// The path, percent-decoded but for `%2F`.
    package var decodedPath: String {
        targetLine.path.isEmpty
            ? "/" : PercentEncoding.decodePath(fields.storage.span.extracting(targetLine.path))
    }

    package var query: HTTPQuery { HTTPQuery(fields.storage, in: targetLine.query) }

    /// The authority the request is for: of an absolute target, else of `Host` (RFC 9112 3.2.2).
    package var host: String? {
        targetLine.authority.isEmpty ? fields["host"] : text(targetLine.authority)
    }

    /// Whether another request may follow on the connection (RFC 9112 9.3).
    package var keepsAlive: Bool {
        switch version {
        case .http11: !fields.contains(token: "close", in: "connection")
        case .http10:
            fields.contains(token: "keep-alive", in: "connection")
                && !fields.contains(token: "close", in: "connection")
        }
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
    package var expectsContinue: Bool {
        switch version {
        case .http10: false
        case .http11: fields.contains(token: "100-continue", in: "expect")
        }
    }

    /// Whether the client asks to switch to `name` (RFC 9110 7.8).
    package func isUpgrade(to name: String) -> Bool {
        switch version {
        case .http10: false
        case .http11:
            fields.contains(token: "upgrade", in: "connection") && fields.contains(token: name, in: "upgrade")
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(repairing: fields.storage.span.extracting(range))
    }
}
