/// Writes responses (RFC 9112 4), whose length is always known.
package enum HTTPResponseWriter {
    /// Tells a client that waits with `Expect: 100-continue` to send the body.
    package static let `continue`: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Appends a whole response.
    package static func append(
        status: Int, fields: HTTPFieldLines = [:], body: Span<UInt8> = Span(),
        to exchange: HTTPExchange, into writer: ByteWriter
    ) {
        appendStatusLine(status, to: writer)
        writer.append(fields.bytes)
        // RFC 9110 8.6: not with 1xx and 204; with 304 it would be the length of what was not sent.
        let mayHaveBody = status >= 200 && status != 204 && status != 304
        if mayHaveBody {
            writer.append("Content-Length: ")
            writer.append(decimal: body.count)
            writer.append("\r\n")
        }
        switch (exchange.keepsAlive, exchange.version) {
        case (false, _): writer.append("Connection: close\r\n")
        case (true, .http10): writer.append("Connection: keep-alive\r\n")
        case (true, .http11): break
        }
        writer.append("\r\n")
        if mayHaveBody, !exchange.omitsBody { writer.append(body) }
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
