// The character classes of RFC 9110 5.6 and RFC 3986, as sets of bits: one for each byte below 128.

extension UInt8 {
    @inline(__always)
    private func isIn(_ low: UInt64, _ high: UInt64) -> Bool {
        self < 64 ? low >> self & 1 != 0 : self < 128 ? high >> (self &- 64) & 1 != 0 : false
    }

    /// A letter, a digit or one of ``!#$%&'*+-.^_`|~``: what a method or a field name is made of.
    @inline(__always)
    var isTokenByte: Bool { isIn(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE) }

    /// A letter, a digit or one of `-._~!$&'()*+,;=:[]%`: what a `Host` is made of.
    @inline(__always)
    var isAuthorityByte: Bool { isIn(0x2FFF_7FF2_0000_0000, 0x47FF_FFFE_AFFF_FFFE) }

    /// Visible ASCII without `#`, which is never sent.
    @inline(__always)
    var isTargetByte: Bool { isIn(0xFFFF_FFF6_0000_0000, 0x7FFF_FFFF_FFFF_FFFF) }

    /// Whether it may stand in a field value: no control byte but the tab (RFC 9110 5.5).
    @inline(__always)
    var isFieldValueByte: Bool { self >= 0x20 ? self != 0x7F : self == 0x09 }

    @inline(__always)
    var isSpaceOrTab: Bool { self == 0x20 || self == 0x09 }

    @inline(__always)
    package var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are those of `other` but for the case of ASCII letters.
    package func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] {
            guard self[index].lowercased == other[index].lowercased else { return false }
        }
        return true
    }

    /// Whether all bytes may stand in a token.
    package var isToken: Bool {
        for index in indices where !self[index].isTokenByte { return false }
        return true
    }

    /// Whether all bytes of `range` may stand in a field value.
    func isFieldValue(in range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            if index &+ 8 <= range.upperBound {
                let word = word(at: index)
                // The highest bit of some byte is set here if, and only if, one is below 0x20, or one is 0x7F.
                let controls = (word &- UInt64(repeating: 0x20)) & ~word
                let noDeletes = word ^ UInt64(repeating: 0x7F)
                let deletes = (noDeletes &- UInt64(repeating: 1)) & ~noDeletes
                if (controls | deletes) & UInt64(repeating: 0x80) == 0 {
                    index &+= 8
                    continue
                }
            }
            guard self[index].isFieldValueByte else { return false }
            index &+= 1
        }
        return true
    }

    /// `range` without the spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start].isSpaceOrTab { start &+= 1 }
        while start < end, self[end &- 1].isSpaceOrTab { end &-= 1 }
        return start..<end
    }
}

extension String {
    /// The text that `bytes` hold; what is not UTF-8 becomes U+FFFD.
    package init(repairing bytes: Span<UInt8>) {
        self = String(validating: bytes) ?? String(decoding: [UInt8](bytes), as: UTF8.self)
    }
}
