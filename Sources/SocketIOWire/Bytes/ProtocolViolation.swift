/// The peer broke the rules of a protocol: expected, logged at debug, and the end of that peer's connection.
package struct ProtocolViolation: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The bytes are not what the protocol says they must be.
        case malformed
        /// Well formed, but not in this state.
        case unexpected
        /// A text message is not UTF-8.
        case notUTF8
        /// A size or a count is over its limit.
        case tooBig
    }

    package let kind: Kind
    /// For the log; never sent to the peer.
    package let detail: StaticString

    package init(_ kind: Kind, _ detail: StaticString) {
        self.kind = kind
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.kind == right.kind && left.detail.description == right.detail.description
    }
}
