/// The line that somebody types: keys in, and what the terminal's last row shows.
struct LineEditor {
    /// What a key comes to.
    enum Outcome: Equatable {
        /// Nothing that can be seen.
        case nothing
        /// The row is another one.
        case changed
        /// A line is complete.
        case line(String)
        /// Ctrl-D, with nothing typed.
        case end
        /// Ctrl-C.
        case interrupt
    }

    private enum Key {
        /// The key itself.
        case plain
        /// Behind ESC.
        case escaped
        /// Within `ESC [ parameters letter`, or behind `ESC O`.
        case sequence([UInt8])
    }

    private var characters: [Character] = []
    /// Where the next character goes.
    private var cursor = 0
    /// The beginning of a character in UTF-8.
    private var partial: [UInt8] = []
    private var key = Key.plain

    /// More than anybody says at once.
    private static let limit = 4000

    mutating func take(_ byte: UInt8) -> Outcome {
        switch key {
        case .plain: return takePlain(byte)
        case .escaped:
            // ESC ESC begins anew; behind Alt the key means nothing here.
            key = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") ? .sequence([]) : .plain
            return .nothing
        case .sequence(let parameters):
            guard (0x40...0x7E).contains(byte) else {
                key = .sequence(parameters.count < 16 ? parameters + [byte] : parameters)
                return .nothing
            }
            key = .plain
            return perform(byte, parameters)
        }
    }

    private mutating func takePlain(_ byte: UInt8) -> Outcome {
        switch byte {
        case 0x01: return move(to: 0)
        case 0x03: return .interrupt
        case 0x04: return characters.isEmpty ? .end : .nothing
        case 0x05: return move(to: characters.count)
        case 0x08, 0x7F: return cursor > 0 ? remove(cursor - 1..<cursor) : .nothing
        case 0x0A, 0x0D:
            let line = String(characters)
            self = LineEditor()
            return .line(line)
        case 0x0B: return remove(cursor..<characters.count)
        case 0x15: return remove(0..<cursor)
        case 0x1B:
            key = .escaped
            return .nothing
        case 0x00..<0x20: return .nothing
        default:
            partial.append(byte)
            guard let text = String(validating: partial, as: UTF8.self) else {
                // No character is longer: these are none.
                if partial.count >= 4 { partial = [] }
                return .nothing
            }
            partial = []
            return insert(text)
        }
    }

    /// The arrows, Home, End and Delete; other keys mean nothing here.
    private mutating func perform(_ letter: UInt8, _ parameters: [UInt8]) -> Outcome {
        switch (letter, parameters.first) {
        case (UInt8(ascii: "C"), _): move(to: min(cursor + 1, characters.count))
        case (UInt8(ascii: "D"), _): move(to: max(cursor - 1, 0))
        case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), UInt8(ascii: "1")): move(to: 0)
        case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), UInt8(ascii: "4")): move(to: characters.count)
        case (UInt8(ascii: "~"), UInt8(ascii: "3")):
            cursor < characters.count ? remove(cursor..<cursor + 1) : .nothing
        default: .nothing
        }
    }

    private mutating func move(to place: Int) -> Outcome {
        cursor = place
        return .changed
    }

    private mutating func remove(_ range: Range<Int>) -> Outcome {
        characters.removeSubrange(range)
        cursor = range.lowerBound
        return .changed
    }

    private mutating func insert(_ text: String) -> Outcome {
        guard characters.count < Self.limit else { return .nothing }
        // What is typed may belong to the character before it: an accent, or the second half of a flag.
        let before = Array(String(characters[..<cursor]) + text)
        characters = before + characters[cursor...]
        cursor = before.count
        return .changed
    }

    /// The row that shows the line behind `prompt`, with the cursor in its place: as much of it as `width` columns hold.
    func row(prompt: String, width: Int) -> String {
        let room = max(width - prompt.columns - 1, 1)
        var start = cursor
        var used = 0
        while start > 0, used + characters[start - 1].columns <= room {
            start -= 1
            used += characters[start].columns
        }
        var end = cursor
        var behind = 0
        while end < characters.count, used + behind + characters[end].columns <= room {
            behind += characters[end].columns
            end += 1
        }
        let back = behind > 0 ? "\u{1B}[\(behind)D" : ""
        return "\r\u{1B}[K\(prompt)\(String(characters[start..<end]))\(back)"
    }
}

extension String {
    fileprivate var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Character {
    /// How many columns most terminals give it.
    fileprivate var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        if scalar.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch scalar.value {
        // Hangul, Chinese, Japanese, and forms as wide as these.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
