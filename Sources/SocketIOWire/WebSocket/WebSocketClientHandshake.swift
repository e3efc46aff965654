/// The opening handshake of a client (RFC 6455 4.1).
package struct WebSocketClientHandshake: Sendable {
    private let key: String
    private let subprotocols: [String]
    private let compresses: Bool

    /// - Parameters:
    ///   - nonce: 16 random bytes, new for each connection.
    ///   - subprotocols: In order of preference; those that are not tokens are left out.
    ///   - compresses: Whether permessage-deflate is offered (RFC 7692).
    package init(nonce: [UInt8], subprotocols: [String] = [], compresses: Bool = false) {
        self.compresses = compresses
        precondition(nonce.count == 16)
        let text = ByteWriter()
        Base64.encode(nonce.span, into: text)
        key = text.withBytes { String(repairing: $0) }
        self.subprotocols = subprotocols.filter { !$0.isEmpty && $0.utf8.allSatisfy(\.isTokenByte) }
    }

    /// Appends the request; returns false, and appends nothing, if `target` or `host` may not be sent.
    package func appendRequest(
        target: String, host: String, fields: HTTPFieldLines = [:], to writer: ByteWriter
    ) -> Bool {
        guard HTTPRequestWriter.appendRequestLine(.get, target: target, host: host, to: writer) else { return false }
        writer.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        writer.append(utf8: key)
        writer.append("\r\n")
        if !subprotocols.isEmpty {
            writer.append("Sec-WebSocket-Protocol: ")
            writer.append(utf8: subprotocols.joined(separator: ", "))
            writer.append("\r\n")
        }
        if compresses {
            writer.append("Sec-WebSocket-Extensions: ")
            writer.append(utf8: DeflateTerms.offer)
            writer.append("\r\n")
        }
        writer.append(fields.bytes)
        writer.append("\r\n")
        return true
    }

    /// What the server chose.
    package struct Answer: Equatable {
        package var subprotocol: String?
        /// Nil if no message is compressed.
        package var compression: DeflateTerms?
    }

    /// Checks the response, after which the connection speaks WebSocket.
    package func accept(_ head: HTTPResponseHead) throws(ProtocolViolation) -> Answer {
        guard head.status == 101 else {
            throw ProtocolViolation(.unexpected, "the server does not switch to WebSocket")
        }
        guard head.fields.contains(token: "upgrade", in: "connection"), head.fields.count(of: "upgrade") == 1,
            head.fields.contains(token: "websocket", in: "upgrade")
        else { throw ProtocolViolation(.malformed, "the server switches to something else") }
        guard head.fields.count(of: "sec-websocket-accept") == 1,
            head.fields["sec-websocket-accept"] == WebSocketHandshake.accept(for: key)
        else { throw ProtocolViolation(.malformed, "the Sec-WebSocket-Accept of another key") }
        guard compresses || head.fields.count(of: "sec-websocket-extensions") == 0 else {
            throw ProtocolViolation(.malformed, "an extension that was not offered")
        }
        let compression = try DeflateTerms.accepted(by: head)
        let chosen = head.fields["sec-websocket-protocol"]
        if let chosen, !subprotocols.contains(chosen) {
            throw ProtocolViolation(.malformed, "a subprotocol that was not offered")
        }
        return Answer(subprotocol: chosen, compression: compression)
    }
}
