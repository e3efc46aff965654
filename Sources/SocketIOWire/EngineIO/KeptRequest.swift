/// A request without its body: what a session keeps of its handshake for as long as it lives.
///
/// Holds everything that can be asked for, and looks for it when it is. The address and the parts of the request line
/// are fields too, as in HTTP/2 (RFC 9113 8.3), whose names no field of a client can have.
package struct KeptRequest: Sendable {
    private let fields: KeptFields

    /// - Parameters:
    ///   - address: Whom the request came from.
    ///   - isSecure: Whether it came over TLS.
    ///   - host: The name that the client asked for, where somebody else says it than the request.
    ///   - certificate: What is known of the one that the client has shown.
    ///   - writer: Is left as it was.
    package init(
        _ head: HTTPRequestHead, from address: String, isSecure: Bool, host: String? = nil,
        certificate: String? = nil, using writer: ByteWriter
    ) {
        let start = writer.count
        let storage = head.fields.storage
        let authority = storage.span.extracting(head.targetLine.authority)
        if let host {
            writer.append(kept: ":authority", host.utf8.span)
        } else if !authority.isEmpty {
            writer.append(kept: ":authority", authority)
        }
        // `http` and `GET` go without saying.
        if isSecure { writer.append(kept: ":scheme", Array("https".utf8).span) }
        if head.method != .get { writer.append(kept: ":method", Array(head.method.name.utf8).span) }
        if let certificate { writer.append(kept: ":certificate", certificate.utf8.span) }
        writer.append(kept: ":address", Array(address.utf8).span)
        writer.append(kept: ":path", storage.span.extracting(head.targetLine.path))
        writer.append(kept: ":query", storage.span.extracting(head.targetLine.query))
        for entry in head.fields.entries {
            writer.append(kept: storage.span.extracting(entry.name), storage.span.extracting(entry.value))
        }
        fields = KeptFields(bytes: writer.array(in: start..<writer.count))
        writer.truncate(to: start)
    }

    /// A request that somebody else has had, and tells of.
    package init(url: String, headers: [(name: String, value: String)], from address: String, isSecure: Bool) {
        let writer = ByteWriter()
        if isSecure { writer.append(kept: ":scheme", "https".utf8.span) }
        writer.append(kept: ":address", address.utf8.span)
        let parts = url.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        writer.append(kept: ":path", Array(parts[0]).span)
        writer.append(kept: ":query", (parts.count > 1 ? Array(parts[1]) : []).span)
        // What is no name of a field would be taken for a part of the request line.
        for header in headers where header.name.utf8.first != UInt8(ascii: ":") {
            writer.append(kept: header.name.utf8.span, header.value.utf8.span)
        }
        fields = KeptFields(bytes: writer.array())
    }

    /// The fields that the client sent, in order; names in lower case.
    package var headers: [(name: String, value: String)] {
        fields.all.filter { $0.name.first != UInt8(ascii: ":") }.map {
            (String(repairing: $0.name.span).lowercased(), String(repairing: $0.value.span))
        }
    }

    package var byteCount: Int { fields.bytes.count }

    package var isSecure: Bool { fields[":scheme"] != nil }
    package var certificate: String? { text(":certificate") }
    package var address: String { text(":address") ?? "" }
    /// The name, and mostly the port, that the client asked for.
    package var host: String? { text(":authority") ?? text("host") }
    package var method: String { text(":method") ?? HTTPMethod.get.name }

    /// The path as it was sent; empty only for a URL without one.
    package var rawPath: [UInt8] { fields[":path"] ?? [] }

    /// The path, percent-decoded but for `%2F`.
    package var decodedPath: String {
        let path = rawPath
        return path.isEmpty ? "/" : PercentEncoding.decodePath(path.span)
    }

    /// Path and query as they were sent, with a slash behind the path: where the folder of that name is. One slash leads
    /// it, for two are followed by a host (RFC 3986 4.2).
    package var folderTarget: String {
        let names = Array(rawPath.drop { $0 == UInt8(ascii: "/") })
        // Browsers take a backslash for a slash.
        let path = "/\(String(repairing: names.span).replacing("\\", with: "%5C"))/"
        let query = query.raw
        return query.isEmpty ? path : "\(path)?\(query)"
    }

    /// Path and query as the client wrote them.
    package var target: String {
        let query = fields[":query"] ?? []
        return (text(":path") ?? "/") + (query.isEmpty ? "" : "?" + String(repairing: query.span))
    }

    package var query: HTTPQuery {
        let query = fields[":query"] ?? []
        return HTTPQuery(query, in: query.indices)
    }

    /// The value of the first field of that name, in any case.
    package subscript(field name: String) -> String? {
        name.utf8.first == UInt8(ascii: ":") ? nil : text(name)
    }

    /// The values of all fields of that name as one (RFC 9110 5.3); those of `Cookie` as RFC 6265 5.4 writes them.
    package func joined(_ name: String) -> String? {
        guard name.utf8.first != UInt8(ascii: ":") else { return nil }
        let values = fields.values(of: name)
        guard let first = values.first else { return nil }
        guard values.count > 1 else { return String(repairing: first.span) }
        let isCookie = name.utf8.span.equalsIgnoringCase("cookie".utf8.span)
        let separator: [UInt8] = [UInt8(ascii: isCookie ? ";" : ","), UInt8(ascii: " ")]
        return String(repairing: Array(values.joined(separator: separator)).span)
    }

    private func text(_ name: String) -> String? {
        fields[name].map { String(repairing: $0.span) }
    }
}
