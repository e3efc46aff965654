/// The status line and fields of a response, as a client reads it.
package struct HTTPResponseHead: Sendable {
    package let status: Int
    package let version: HTTPVersion
    package let bodyLength: HTTPBodyLength
    package let fields: HTTPFields

    /// Whether another request may follow on the connection (RFC 9112 9.3).
    package var keepsAlive: Bool {
        guard bodyLength != .untilClose, !fields.contains(token: "close", in: "connection") else { return false }
        switch version {
        case .http11: return true
        case .http10: return fields.contains(token: "keep-alive", in: "connection")
        }
    }
}

/// The first line of a response: `version SP status SP reason` (RFC 9112 4). The reason says nothing.
struct HTTPStatusLine: Sendable {
    let version: HTTPVersion
    let status: Int

    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPFailure) {
        let line = bytes.extracting(line)
        // Some servers leave out the space in front of an empty reason.
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else {
            throw HTTPFailure(400, "not a status line")
        }
        version = try HTTPVersion(line.extracting(0..<8))
        var status = 0
        for index in 9..<12 {
            guard line[index].isDigit else { throw HTTPFailure(400, "not a status code") }
            status = status &* 10 &+ Int(line[index] &- UInt8(ascii: "0"))
        }
        guard (100...599).contains(status) else { throw HTTPFailure(400, "not a status code") }
        for index in 12..<line.count {
            guard line[index].isFieldValueByte else { throw HTTPFailure(400, "a control byte in a status line") }
        }
        self.status = status
    }
}
