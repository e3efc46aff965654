/// Validates UTF-8 that arrives in pieces, and rejects at the first byte that cannot be right.
package struct UTF8Progress: Sendable {
    /// How many bytes the sequence in progress still needs.
    private var missing: UInt8 = 0
    /// The bounds of its next byte (The Unicode Standard, table 3-7), when one is missing.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    package init() {}

    /// Whether the pieces so far end where a character ends.
    package var isComplete: Bool { missing == 0 }

    /// Whether `piece` may follow what came before; after `false` the text is lost.
    package mutating func accept(_ piece: Span<UInt8>) -> Bool {
        var start = 0
        while missing > 0, start < piece.count {
            guard accept(piece[start]) else { return false }
            start &+= 1
        }
        // A sequence that is cut off by the end of the piece begins at one of its last three bytes.
        var end = piece.count
        var back = 1
        while back <= 3, piece.count &- back >= start {
            let byte = piece[piece.count &- back]
            if byte >= 0xC0 {
                if Self.length(ofSequenceStartingWith: byte) > back { end = piece.count &- back }
                break
            }
            if byte < 0x80 { break }
            back &+= 1
        }
        if start < end {
            guard piece.isUTF8(in: start..<end) else { return false }
        }
        for index in end..<max(end, piece.count) {
            guard accept(piece[index]) else { return false }
        }
        return true
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            missing &-= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest, highest) = (2, 0xA0, 0xBF)
        case 0xED: (missing, lowest, highest) = (2, 0x80, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest, highest) = (3, 0x90, 0xBF)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, lowest, highest) = (3, 0x80, 0x8F)
        default: return false
        }
        return true
    }

    private static func length(ofSequenceStartingWith byte: UInt8) -> Int {
        byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
    }
}
