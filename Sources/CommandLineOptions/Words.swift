// What others wrote stands on the same screen as what we say. None of it may move a cursor, turn other words around or
// hide what is there.

extension String {
    /// A stranger's words, within a line of ours: without what formats others' text, and, if any of it is written from
    /// right to left, kept apart from what stands beside it (Unicode Standard Annex 9, 3.1.2).
    ///
    /// Emoji stay whole: their joiners, selectors and tags are no harm.
    package var isolated: String {
        let kept = String.UnicodeScalarView(unicodeScalars.lazy.compactMap(\.shown))
        return kept.contains(where: \.isWrittenLeftwards) ? "\u{2068}\(String(kept))\u{2069}" : String(kept)
    }

    /// A whole line, as it may be printed: nothing in it is an instruction to a terminal.
    package var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.lazy.compactMap(\.printed)))
    }
}

extension Unicode.Scalar {
    /// A space for what ends lines or moves to a tab; nothing for other control characters.
    fileprivate var printed: Unicode.Scalar? {
        switch properties.generalCategory {
        case .control: properties.isWhitespace ? " " : nil
        case .lineSeparator, .paragraphSeparator: " "
        default: self
        }
    }

    /// The same, and nothing for formatting characters, but for those that emoji and scripts are made of.
    fileprivate var shown: Unicode.Scalar? {
        guard properties.generalCategory == .format else { return printed }
        switch value {
        // Non-joiner, joiner, tags.
        case 0x200C, 0x200D, 0xE0020...0xE007F: return self
        default: return nil
        }
    }

    /// Hebrew, Arabic and their neighbours. The standard library knows no directions; these are the blocks that Unicode
    /// reserves for them.
    fileprivate var isWrittenLeftwards: Bool {
        switch value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}
