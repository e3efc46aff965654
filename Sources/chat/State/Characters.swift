extension Character {
    /// One emoji, whole: with its variation, its skin tones, and what it is joined with.
    var isEmoji: Bool {
        let scalars = unicodeScalars
        guard let first = scalars.first?.properties, first.isEmoji else { return false }
        // Digits, `#` and `*` are emoji to Unicode, for the sake of the keycaps.
        guard first.isEmojiPresentation || (scalars.count > 1 && scalars.contains(where: \.isEmojiSelector)) else {
            return false
        }
        return scalars.allSatisfy { $0.properties.isEmoji || $0.isEmojiGlue }
    }
}

extension Unicode.Scalar {
    fileprivate var isEmojiSelector: Bool { value == 0xFE0F }

    /// What holds emoji together, and has no place elsewhere: selector, joiner, keycap, and the tags of some flags.
    fileprivate var isEmojiGlue: Bool {
        isEmojiSelector || value == 0x200D || value == 0x20E3 || (0xE0020...0xE007F).contains(value)
    }

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
