// Heads as nodes pass them on: as they came, but for what concerns one connection alone (RFC 9110 7.6.1).

extension HTTPRequestHead {
    /// Appends the request for the node of its session, but for a body of `bodyCount` bytes, which follows.
    ///
    /// - Parameter proof: What `NodeProof.field` is to say. What the client has written there is left out.
    package func appendForwarded(proof: String, bodyCount: Int, to writer: ByteWriter) {
        writer.append(utf8: method.name)
        writer.append(" ")
        writer.append(utf8: target)
        writer.append(" HTTP/1.1\r\nHost: ")
        writer.append(utf8: host ?? "")
        writer.append("\r\n")
        for entry in fields.entries where !isLeftOut(entry) { writer.append(line: entry, of: fields) }
        if isUpgrade(to: "websocket") { writer.append("Upgrade: websocket\r\nConnection: Upgrade\r\n") }
        if bodyLength != .none {
            writer.append("Content-Length: ")
            writer.append(decimal: bodyCount)
            writer.append("\r\n")
        }
        writer.append(utf8: NodeProof.field)
        writer.append(": ")
        writer.append(utf8: proof)
        writer.append("\r\n\r\n")
    }

    /// The body has arrived, and is sent as a whole.
    private static let leftOut = [
        "host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "content-length", "expect", NodeProof.field,
    ]

    private func isLeftOut(_ entry: HTTPFields.Entry) -> Bool {
        Self.leftOut.contains { fields.matches(entry, $0) }
    }
}

extension HTTPFieldLines {
    /// The fields of another node's answer, but for those that say where it ends.
    package init(relaying head: HTTPResponseHead) {
        self.init()
        let leftOut = ["connection", "keep-alive", "transfer-encoding", "content-length"]
        for entry in head.fields.entries where !leftOut.contains(where: { head.fields.matches(entry, $0) }) {
            append(entry, of: head.fields)
        }
    }
}

extension HTTPResponseWriter {
    /// Appends another node's answer that its connection speaks another protocol from now on.
    package static func appendSwitch(fields: HTTPFieldLines, to writer: ByteWriter) {
        appendStatusLine(101, to: writer)
        writer.append("Connection: Upgrade\r\n")
        writer.append(fields.bytes)
        writer.append("\r\n")
    }
}

extension ByteWriter {
    fileprivate func append(line entry: HTTPFields.Entry, of fields: HTTPFields) {
        append(fields.storage.span.extracting(entry.name))
        append(": ")
        append(fields.storage.span.extracting(entry.value))
        append("\r\n")
    }
}
