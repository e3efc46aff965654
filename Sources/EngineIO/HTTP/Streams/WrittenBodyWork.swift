/// What a task of the application is to write as the body of a response, and how.
package struct WrittenBodyWork: Sendable {
    /// What goes out where nothing else did for a time.
    var keepAlive: (piece: [UInt8], interval: Duration)?
    /// Whether the body is over, and whole, when the server closes.
    var endsWithServer = false
    /// Writes it.
    var write: @Sendable (ResponseStream) async throws -> Void
}
