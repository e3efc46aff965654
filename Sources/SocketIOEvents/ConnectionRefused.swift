/// Thrown by a middleware to refuse a socket; the client gets `connect_error` with the message and the data.
///
/// ```swift
/// io.use { socket in
///     throw ConnectionRefused("not now", data: ["retryAfter": 10])
/// }
/// ```
public struct ConnectionRefused: Error, Sendable {
    /// What the client's `connect_error` says.
    public let message: String
    /// Sent as `error.data`; nil for none. Bytes in it cannot be sent and drop it.
    public let data: (any Encodable & Sendable)?

    /// Refuses with these words, and with `data` for the client's program.
    public init(_ message: String, data: (any Encodable & Sendable)? = nil) {
        self.message = message
        self.data = data
    }
}
