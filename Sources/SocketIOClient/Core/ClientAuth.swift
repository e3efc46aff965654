internal import SocketIOWire

/// What is sent along with CONNECT.
enum ClientAuth: Sendable {
    case none
    /// JSON, or why there is none.
    case value(Result<[UInt8], ClientError>)
    /// Asked anew for each CONNECT.
    case function(@Sendable () async throws -> [UInt8])

    /// The JSON object that `value` is.
    static func encode(_ value: some Encodable) throws(ClientError) -> [UInt8] {
        let writer = ByteWriter()
        var attachments: [[UInt8]] = []
        do {
            try JSONCoding.encode(value, into: writer, attachments: &attachments)
        } catch {
            throw ClientError(.invalidAuth, "auth cannot be encoded: \(error)", cause: error)
        }
        guard attachments.isEmpty else {
            throw ClientError(.invalidAuth, "auth holds bytes, which cannot be sent with it: encode them as text")
        }
        guard writer.count > 0, writer[0] == UInt8(ascii: "{") else {
            throw ClientError(.invalidAuth, "auth is not an object: give a struct or a dictionary")
        }
        return writer.array()
    }
}
