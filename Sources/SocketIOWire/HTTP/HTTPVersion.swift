/// The protocol version of a message. A higher minor version of HTTP/1 is read as 1.1 (RFC 9110 2.5).
package enum HTTPVersion: Sendable {
    case http10
    case http11

    /// Reads `HTTP/1.1` and its like.
    init(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        guard bytes.count == 8, bytes.extracting(0..<5).equals("HTTP/"), bytes[6] == UInt8(ascii: "."),
            bytes[5].isDigit, bytes[7].isDigit
        else { throw HTTPFailure(400, "not an HTTP version") }
        guard bytes[5] == UInt8(ascii: "1") else { throw HTTPFailure(505, "not HTTP/1") }
        self = bytes[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}
