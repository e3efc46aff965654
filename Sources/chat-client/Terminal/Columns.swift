// How many columns a terminal gives to a text: never more than this. Terminals differ, most of all over emoji that are
// made of several, so that a row may end early, and never runs over.

extension StringProtocol {
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// As much of it as `width` columns hold, with a mark where some is missing.
    func clipped(to width: Int) -> String {
        guard columns > width else { return String(self) }
        var room = width - 1
        let kept = prefix {
            room -= $0.columns
            return room >= 0
        }
        return width > 0 ? kept + "…" : ""
    }
}

extension Character {
    var columns: Int { Swift.max(unicodeScalars.reduce(0) { $0 + $1.columns }, 1) }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        if isASCII { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return value == 0xFE0F ? 1 : 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        switch value {
        // Hangul, Chinese, Japanese, and forms as wide as these.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF,
            0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
