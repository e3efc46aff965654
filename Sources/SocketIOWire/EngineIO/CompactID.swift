/// The text of an id, in 16 bytes and nowhere else if it has the form that `EngineSessionID` draws: every session and
/// every socket keeps one for as long as it lives.
package struct CompactID: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        /// 20 characters of the URL-safe alphabet, six bits each: 120 bits, from the highest to the lowest.
        case drawn(UInt64, UInt32, UInt16, UInt8)
        /// Any other text: an id that the application chose, or that is nobody's.
        indirect case text(ByteName)
    }

    private let form: Form

    package init(_ text: String) {
        form = Self.bits(of: text).map(Self.drawn) ?? .text(ByteName(text))
    }

    /// The id, if `text` has the form of those that are drawn: any other is no socket's.
    package init?(drawn text: String) {
        guard let bits = Self.bits(of: text) else { return nil }
        form = Self.drawn(bits)
    }

    package var description: String {
        switch form {
        case .drawn(let first, let second, let third, let fourth):
            Base64.urlSafeText(
                InlineArray<15, UInt8> { index in
                    switch index {
                    case ..<8: UInt8(truncatingIfNeeded: first >> UInt64(56 - index * 8))
                    case ..<12: UInt8(truncatingIfNeeded: second >> UInt32(88 - index * 8))
                    case ..<14: UInt8(truncatingIfNeeded: third >> UInt16(104 - index * 8))
                    default: fourth
                    }
                }.span)
        case .text(let name): name.text
        }
    }

    private static func drawn(_ bits: (high: UInt64, low: UInt64)) -> Form {
        .drawn(
            bits.high << 4 | bits.low >> 56, UInt32(truncatingIfNeeded: bits.low >> 24),
            UInt16(truncatingIfNeeded: bits.low >> 8), UInt8(truncatingIfNeeded: bits.low))
    }

    /// The upper and the lower 60 bits, if `text` has the form of those that are drawn.
    private static func bits(of text: String) -> (high: UInt64, low: UInt64)? {
        let bytes = text.utf8
        guard bytes.count == 20 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in bytes {
            guard let value = Base64.urlSafeValue(of: byte) else { return nil }
            high = high << 6 | low >> 54
            low = low << 6 & 0x0FFF_FFFF_FFFF_FFFF | UInt64(value)
        }
        return (high, low)
    }
}
