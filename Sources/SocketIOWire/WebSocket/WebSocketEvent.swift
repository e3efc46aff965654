/// What a `WebSocketReader` found.
package enum WebSocketEvent: Equatable, Sendable {
    /// A whole text message, known to be UTF-8.
    case text(WebSocketPayload)
    /// A whole binary message.
    case binary(WebSocketPayload)
    /// A whole message that is compressed (RFC 7692), of either kind.
    case compressed(CompressedKind, [UInt8])
    /// Answer with a pong that carries the same payload (RFC 6455 5.5.3).
    case ping(WebSocketPayload)
    case pong
    /// The last event: what follows on the connection is discarded (RFC 6455 5.5.1). The reason is UTF-8.
    case close(WebSocketCloseCode?, reason: WebSocketPayload)

    /// What a compressed message is once it is inflated.
    package enum CompressedKind: Sendable {
        /// It is not known yet whether it is UTF-8.
        case text
        case binary

        /// Checks what it was inflated to.
        package func check(_ message: Span<UInt8>) throws(WebSocketFailure) {
            switch self {
            case .text: guard message.isUTF8(in: 0..<message.count) else { throw .notUTF8 }
            case .binary: break
            }
        }
    }
}

/// Where the bytes of an event are.
package enum WebSocketPayload: Equatable, Sendable {
    /// In the chunk that was given to the reader, unmasked. Valid until that memory is reused.
    case inPlace(Range<Int>)
    /// Collected from several frames or several chunks.
    case assembled([UInt8])
}
