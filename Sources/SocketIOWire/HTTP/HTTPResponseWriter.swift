/// Writes responses (RFC 9112 4).
package enum HTTPResponseWriter {
    /// Tells a client that waits with `Expect: 100-continue` to send the body.
    package static let `continue`: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Appends a whole response.
    ///
    /// - Parameter bodyFollows: Whether the caller sends the body itself, right behind what is written here.
    package static func append(
        status: Int, fields: HTTPFieldLines = [:], body: Span<UInt8> = Span(), bodyFollows: Bool = false,
        to form: HTTPResponseForm, into writer: ByteWriter
    ) {
        appendHead(status: status, fields: fields, length: .fixed(body.count), to: form, into: writer)
        if mayHaveBody(status), !form.omitsBody, !bodyFollows { writer.append(body) }
    }

    /// Appends the head of a response, which says where its body ends.
    package static func appendHead(
        status: Int, fields: HTTPFieldLines = [:], length: HTTPBodyLength, to form: HTTPResponseForm,
        into writer: ByteWriter
    ) {
        appendStatusLine(status, to: writer)
        writer.append(fields.bytes)
        if mayHaveBody(status) { appendLength(length, to: writer) }
        switch (form.keepsAlive, form.version) {
        case (false, _): writer.append("Connection: close\r\n")
        case (true, .http10): writer.append("Connection: keep-alive\r\n")
        case (true, .http11): break
        }
        writer.append("\r\n")
    }

    /// RFC 9110 8.6: not 1xx and 204; with 304 a length would be that of what was not sent.
    package static func mayHaveBody(_ status: Int) -> Bool {
        status >= 200 && status != 204 && status != 304
    }

    private static func appendLength(_ length: HTTPBodyLength, to writer: ByteWriter) {
        switch length {
        case .fixed(let count):
            writer.append("Content-Length: ")
            writer.append(decimal: count)
            writer.append("\r\n")
        case .chunked: writer.append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: break
        }
    }

    /// Appends the response to a request that was refused by `failure`, and after which the connection is closed.
    package static func append(_ failure: HTTPFailure, into writer: ByteWriter) {
        append(status: failure.status, fields: failure.fields, to: .unreadable, into: writer)
    }

    static func appendStatusLine(_ status: Int, to writer: ByteWriter) {
        precondition((100...599).contains(status))
        writer.append("HTTP/1.1 ")
        writer.append(decimal: status)
        writer.append(" ")
        writer.append(HTTPReasonPhrase.of(status))
        writer.append("\r\n")
    }
}

extension HTTPFailure {
    /// The fields that the status demands.
    package var fields: HTTPFieldLines {
        // RFC 6455 4.4 and RFC 9110 15.5.22.
        status == 426 ? ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"] : [:]
    }
}
