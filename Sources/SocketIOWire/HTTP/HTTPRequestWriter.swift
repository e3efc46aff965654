/// Writes the requests of a client (RFC 9112 3).
package enum HTTPRequestWriter {
    /// Appends a whole request; returns false, and appends nothing, if `method`, `target` or `host` may not be sent.
    ///
    /// - Parameters:
    ///   - target: Path and query, percent-encoded.
    ///   - host: With the port, unless it is the scheme's own.
    ///   - body: For methods that have one; its length is sent with it.
    package static func append(
        _ method: HTTPMethod, target: String, host: String, fields: HTTPFieldLines = [:],
        body: Span<UInt8> = Span(), to writer: ByteWriter
    ) -> Bool {
        guard appendRequestLine(method, target: target, host: host, to: writer) else { return false }
        writer.append(fields.bytes)
        let hasLength =
            switch method {
            case .get, .head, .options, .delete: !body.isEmpty
            case .post, .put, .patch, .other: true
            }
        if hasLength {
            writer.append("Content-Length: ")
            writer.append(decimal: body.count)
            writer.append("\r\n")
        }
        writer.append("\r\n")
        writer.append(body)
        return true
    }

    /// Appends the request line and `Host`.
    static func appendRequestLine(
        _ method: HTTPMethod, target: String, host: String, to writer: ByteWriter
    ) -> Bool {
        guard !method.name.isEmpty, method.name.utf8.allSatisfy(\.isTokenByte),
            target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy(\.isTargetByte),
            !host.isEmpty, host.utf8.allSatisfy(\.isAuthorityByte)
        else { return false }
        writer.append(utf8: method.name)
        writer.append(" ")
        writer.append(utf8: target)
        writer.append(" HTTP/1.1\r\nHost: ")
        writer.append(utf8: host)
        writer.append("\r\n")
        return true
    }
}
