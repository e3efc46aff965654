/// How much of one message a peer may make us hold (Protocol.md 6). Kept small: every idle connection has a copy.
package struct WebSocketLimits: Sendable {
    private let rawMessageBytes: UInt32
    private let rawFragments: UInt32
    private let rawConsecutiveEmptyFragments: UInt16

    /// The most payload bytes of a message, all fragments together; one more is 1009.
    package var messageBytes: Int { Int(rawMessageBytes) }

    /// The most frames of one message; one more is 1009.
    package var fragments: Int { Int(rawFragments) }

    /// The most frames without payload in a row within one message; one more is 1009.
    package var consecutiveEmptyFragments: Int { Int(rawConsecutiveEmptyFragments) }

    /// Values beyond what the compact form holds (4 GiB, 4 G, 65535) are lowered to that.
    package init(messageBytes: Int = 1_000_000, fragments: Int = 131_072, consecutiveEmptyFragments: Int = 64) {
        rawMessageBytes = UInt32(clamping: messageBytes)
        rawFragments = UInt32(clamping: fragments)
        rawConsecutiveEmptyFragments = UInt16(clamping: consecutiveEmptyFragments)
    }
}
