package import SocketIOWire

extension Inflate {
    /// The message of a WebSocket that `payload` becomes; a text is UTF-8.
    ///
    /// - Parameter limit: The most bytes it may have.
    package func message(
        _ kind: WebSocketEvent.CompressedKind, _ payload: [UInt8], limit: Int
    ) throws(WebSocketFailure) -> [UInt8] {
        let message: [UInt8]
        do throws(InflateFailure) {
            message = try self.message(payload.span, limit: limit)
        } catch {
            switch error {
            case .tooLarge: throw WebSocketFailure(.messageTooBig, "a message over the limit of bytes, inflated")
            case .damaged: throw WebSocketFailure(.invalidPayload, "a message that cannot be inflated")
            }
        }
        try kind.check(message.span)
        return message
    }
}
