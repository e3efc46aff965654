/// A name that may have come from the wire: equal to another if their bytes are, as in JavaScript.
///
/// `String` compares by Unicode's canonical equivalence: `K` is the Kelvin sign, and a composed letter its parts. Whoever
/// may choose a name could choose one that is another's.
package struct ByteName: Hashable, Sendable {
    package let text: String

    @inline(__always)
    package init(_ text: String) {
        self.text = text
    }

    @inline(__always)
    package static func == (left: Self, right: Self) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    /// By the bytes too: names that `String` takes for one would collide, as many as somebody likes to spell.
    package func hash(into hasher: inout Hasher) {
        let bytes = text.utf8.span
        hasher.combine(bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            hasher.combine(bytes.word(at: index))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index &+= 1
        }
        hasher.combine(rest)
    }
}

extension String {
    /// Whether both are the same bytes.
    @inline(__always)
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.span.equals(other.utf8.span)
    }
}
