// Requests that came some other way than the one that they go on.

extension HTTPRequestWriter {
    /// Appends the head of a request that somebody else has read, with its own fields but for those that say where its body
    /// ends; returns false, and appends nothing, if HTTP/1.1 has no words for it.
    ///
    /// One without `Host` is a request of HTTP/1.0, which need not have it (RFC 9112 3.2).
    ///
    /// - Parameters:
    ///   - target: As it was asked for: a path, a URL or `*`.
    ///   - length: How its body is sent here.
    package static func appendForeignHead(
        _ method: String, target: String, fields: [(name: String, value: String)], length: HTTPBodyLength,
        to writer: ByteWriter
    ) -> Bool {
        let isOfVersion11 = fields.contains { $0.name.utf8.span.equalsIgnoringCase("host".utf8.span) }
        guard HTTPMethod.isName(method), !target.isEmpty, target.utf8.allSatisfy(\.isTargetByte),
            isOfVersion11 || length != .chunked, fields.allSatisfy(isField)
        else { return false }
        writer.append(utf8: method)
        writer.append(" ")
        writer.append(utf8: target)
        writer.append(isOfVersion11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n")
        for (name, value) in fields where !isFraming(name.utf8.span) {
            writer.append(utf8: name)
            writer.append(": ")
            writer.append(utf8: value)
            writer.append("\r\n")
        }
        switch length {
        case .none, .untilClose: break
        case .fixed(let count):
            writer.append("Content-Length: ")
            writer.append(decimal: count)
            writer.append("\r\n")
        case .chunked: writer.append("Transfer-Encoding: chunked\r\n")
        }
        writer.append("\r\n")
        return true
    }

    private static func isField(_ name: String, _ value: String) -> Bool {
        let (name, value) = (name.utf8.span, value.utf8.span)
        return !name.isEmpty && name.isToken && value.isFieldValue(in: value.indices)
    }

    private static func isFraming(_ name: Span<UInt8>) -> Bool {
        name.equalsIgnoringCase("content-length".utf8.span) || name.equalsIgnoringCase("transfer-encoding".utf8.span)
    }
}
