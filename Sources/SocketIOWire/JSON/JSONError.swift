/// Why a text is not JSON (RFC 8259), or not JSON that we take.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// A byte that the grammar does not allow here.
        case malformed
        /// The text ends within a value.
        case truncated
        /// More containers within one another than the limit allows.
        case tooDeep
        /// Something other than whitespace follows the value.
        case trailingBytes
        /// `_placeholder` is true, but `num` names no attachment (Protocol.md 4.3).
        case badPlaceholder
        /// Longer than the 32-bit offsets of a document reach.
        case tooLong
    }

    package let reason: Reason
    /// Where in the text.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
