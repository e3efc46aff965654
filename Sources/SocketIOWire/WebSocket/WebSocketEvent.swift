/// What a `WebSocketReader` found.
package enum WebSocketEvent: Equatable, Sendable {
    /// A whole text message, known to be UTF-8.
    case text(WebSocketPayload)
    /// A whole binary message.
    case binary(WebSocketPayload)
    /// Answer with a pong that carries the same payload (RFC 6455 5.5.3).
    case ping(WebSocketPayload)
    case pong
    /// The last event: what follows on the connection is discarded (RFC 6455 5.5.1). The reason is UTF-8.
    case close(WebSocketCloseCode?, reason: WebSocketPayload)
}

/// Where the bytes of an event are.
package enum WebSocketPayload: Equatable, Sendable {
    /// In the chunk that was given to the reader, unmasked. Valid until that memory is reused.
    case inPlace(Range<Int>)
    /// Collected from several frames or several chunks.
    case assembled([UInt8])
}
