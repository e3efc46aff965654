extension Character {
    /// One emoji, whole (Unicode's TR 51, 1.4.9): with its variation and its skin tone, and what it is joined with.
    ///
    /// What holds emoji together cannot be seen, so that it has its place here alone: a joiner between two of them, tags
    /// behind the flag that they belong to.
    var isEmoji: Bool {
        var rest = unicodeScalars[...]
        guard rest.dropEmoji(isDrawnAsOne: false) else { return false }
        while rest.take(if: { $0.value == 0x200D }) {
            guard rest.dropEmoji(isDrawnAsOne: true) else { return false }
        }
        return rest.isEmpty
    }
}

extension Substring.UnicodeScalarView {
    /// Drops the first scalar if it is such a one, and says so.
    fileprivate mutating func take(if isIt: (Unicode.Scalar) -> Bool) -> Bool {
        guard let first, isIt(first) else { return false }
        removeFirst()
        return true
    }

    /// Drops an emoji that is not joined from others.
    ///
    /// - Parameter isDrawnAsOne: Whether it is drawn as an emoji without saying so, as it is behind a joiner.
    fileprivate mutating func dropEmoji(isDrawnAsOne: Bool) -> Bool {
        guard let base = popFirst(), base.properties.isEmoji else { return false }
        let saysSo = take { $0.value == 0xFE0F }
        // Digits, `#` and `*` are emoji to Unicode for the sake of the keycaps, and only in one.
        if base.isASCII { return take { $0.value == 0x20E3 } }
        // Two letters are the flag of a country.
        if base.isRegionalLetter {
            _ = take(if: \.isRegionalLetter)
            return true
        }
        let hasTone = take(if: \.properties.isEmojiModifier)
        // A black flag with tags is that of a region, up to the tag that ends it.
        if base.value == 0x1F3F4, take(if: \.isTag) {
            while take(if: \.isTag) {}
            return take { $0.value == 0xE007F }
        }
        return base.properties.isEmojiPresentation || saysSo || hasTone || isDrawnAsOne
    }
}

extension Unicode.Scalar {
    fileprivate var isRegionalLetter: Bool { (0x1F1E6...0x1F1FF).contains(value) }
    fileprivate var isTag: Bool { (0xE0020...0xE007E).contains(value) }

    /// Takes no place, or is blank without being a space.
    var isHidden: Bool {
        // The blank pattern of Braille is a symbol to Unicode.
        if value == 0x2800 { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return true
        default: return properties.isDefaultIgnorableCodePoint
        }
    }

    var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// What stands in a word of any language.
    var isPartOfWord: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: isMark
        }
    }
}
