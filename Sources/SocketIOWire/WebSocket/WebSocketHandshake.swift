/// The opening handshake of a server (RFC 6455 4.2).
package enum WebSocketHandshake {
    /// RFC 6455 1.3.
    private static let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// The `Sec-WebSocket-Accept` that proves to have understood `key`.
    package static func accept(for key: String) -> String {
        let joined = ByteWriter()
        joined.append(utf8: key)
        joined.append(guid)
        let text = ByteWriter()
        Base64.encode(SHA1.digest(of: joined.array()).span, into: text)
        return text.withBytes { String(repairing: $0) }
    }

    /// Checks a request to switch to WebSocket and returns the `Sec-WebSocket-Accept` to answer it with.
    ///
    /// - Throws: What to answer instead.
    package static func accept(_ head: HTTPRequestHead) throws(HTTPFailure) -> String {
        guard head.method == .get, head.isUpgrade(to: "websocket") else {
            throw HTTPFailure(400, "not a request to switch to WebSocket")
        }
        guard head.bodyLength == .none || head.bodyLength == .fixed(0) else {
            throw HTTPFailure(400, "a WebSocket handshake with a body")
        }
        guard head.fields.count(of: "sec-websocket-version") == 1, head.fields["sec-websocket-version"] == "13" else {
            throw HTTPFailure(426, "not version 13 of WebSocket")
        }
        guard head.fields.count(of: "sec-websocket-key") == 1, let key = head.fields["sec-websocket-key"],
            key.utf8.count == 24, Base64.decode(key.utf8.span)?.count == 16
        else { throw HTTPFailure(400, "not a Sec-WebSocket-Key") }
        return accept(for: key)
    }

    /// Whether a text can name a subprotocol (RFC 6455 4.1).
    package static func isSubprotocol(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isTokenByte)
    }

    /// The subprotocol to answer `head` with, the first that the client offers of those that are spoken; nil if it offers
    /// none of them.
    ///
    /// - Parameter names: What is spoken. Nil for whichever it is: Engine.IO has no name of its own (Protocol.md 1.5).
    /// - Throws: What to answer instead, if what it offers is no list of names, each once (RFC 6455 4.1).
    package static func subprotocol(
        _ head: HTTPRequestHead, among names: [String]? = nil
    ) throws(HTTPFailure) -> String? {
        var first: Range<Int>?
        var offered: Set<[UInt8]> = []
        try head.fields.forEachItem(of: "sec-websocket-protocol") { name throws(HTTPFailure) in
            let bytes = head.fields.storage.span.extracting(name)
            guard !name.isEmpty, bytes.isToken, offered.insert(Array(bytes)).inserted else {
                throw HTTPFailure(400, "not a Sec-WebSocket-Protocol")
            }
            let isSpoken = names.map { $0.contains { $0.utf8.span.equals(bytes) } } ?? true
            if isSpoken { first = first ?? name }
            return true
        }
        return first.map { String(repairing: head.fields.storage.span.extracting($0)) }
    }

    /// Appends the response after which the connection speaks WebSocket.
    ///
    /// - Parameter subprotocol: One of those the client offered; a text that is not a token is not sent.
    package static func appendResponse(
        accept: String, subprotocol: String? = nil, fields: HTTPFieldLines = [:], to writer: ByteWriter
    ) {
        HTTPResponseWriter.appendStatusLine(101, to: writer)
        writer.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
        writer.append(utf8: accept)
        writer.append("\r\n")
        if let subprotocol, isSubprotocol(subprotocol) {
            writer.append("Sec-WebSocket-Protocol: ")
            writer.append(utf8: subprotocol)
            writer.append("\r\n")
        }
        writer.append(fields.bytes)
        writer.append("\r\n")
    }
}
