/// Thrown by a middleware to refuse a socket; the client gets `connect_error` with the message and the data.
///
/// ```swift
/// io.use { socket in
///     throw ConnectionRefused("not now", data: ["retryAfter": 10])
/// }
/// ```
public struct ConnectionRefused: Error, Sendable {
    public let message: String
    /// Sent as `error.data`; nil for none. Bytes in it cannot be sent and drop it.
    public let data: (any Encodable & Sendable)?

    public init(_ message: String, data: (any Encodable & Sendable)? = nil) {
        self.message = message
        self.data = data
    }
}
