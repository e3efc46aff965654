/// What the server says to a CONNECT that it accepts (Protocol.md 4.2).
package struct ConnectReply: Equatable, Sendable {
    package let socketID: String
    /// With connection state recovery: a secret that names the session.
    package let privateID: String?

    package init(parsing payload: Span<UInt8>) throws(ProtocolViolation) {
        guard let value = try? JSONCoding.decode(JSONValue.self, from: payload, attachments: []),
            let socketID = value["sid"].stringValue
        else {
            throw ProtocolViolation(.malformed, "an answer to CONNECT without a socket id: is it a v2 server?")
        }
        self.socketID = socketID
        privateID = value["pid"].stringValue
    }
}

/// What the server says to a CONNECT that it refuses (Protocol.md 5.2).
package struct ConnectRefusal: Equatable, Sendable {
    package let message: String
    package let data: JSONValue

    /// An object, or the bare message of older servers.
    package init(parsing payload: Span<UInt8>) throws(ProtocolViolation) {
        guard let value = try? JSONCoding.decode(JSONValue.self, from: payload, attachments: []) else {
            throw ProtocolViolation(.malformed, "a CONNECT_ERROR that is not JSON")
        }
        switch value {
        case .object:
            message = value["message"].stringValue ?? "Connection refused"
            data = value["data"]
        case .string(let text):
            message = text
            data = .null
        case .null, .bool, .integer, .number, .array, .binary:
            throw ProtocolViolation(.malformed, "a CONNECT_ERROR that is neither an object nor a text")
        }
    }
}
