/// The line that somebody types: bytes of keys in, and what they come to.
struct LineEditor {
    /// What a key comes to.
    enum Outcome: Equatable {
        /// Nothing that can be seen.
        case nothing
        /// The row is another one.
        case changed
        /// A line is complete.
        case line(String)
        /// The line is as long as it can be; said once for each.
        case full
        /// Ctrl-D, with nothing typed.
        case end
        /// Ctrl-Z.
        case suspension
    }

    private enum Key {
        /// The key itself.
        case plain
        /// Within a character of several bytes, which are so far these.
        case character([UInt8], length: Int)
        /// Behind ESC.
        case escaped
        /// Within `ESC [ parameters letter`, or behind `ESC O`.
        case sequence([UInt8])
    }

    /// Before the cursor.
    private(set) var left: [Character] = []
    /// Behind the cursor, the last one first: so that a key costs the same at every place.
    private(set) var right: [Character] = []
    private var bytes = 0
    private var isFull = false
    private var key = Key.plain

    /// Bytes of a line: four times of what the server takes, so that what is too long can still be shortened.
    static let limit = 32 * 1024
    /// Bytes of one character with all its marks.
    private static let characterLimit = 128

    var isEmpty: Bool { left.isEmpty && right.isEmpty }

    /// Begins with a line that was typed before. Only where nothing is typed yet.
    mutating func begin(with line: String) {
        left = Array(line)
        bytes = line.utf8.count
    }

    mutating func take(_ byte: UInt8) -> Outcome {
        switch key {
        case .plain: return takePlain(byte)
        case .character(let begun, let length):
            guard byte & 0xC0 == 0x80 else {
                // What was begun is none, and this begins anew.
                key = .plain
                return takePlain(byte)
            }
            guard begun.count + 1 == length else {
                key = .character(begun + [byte], length: length)
                return .nothing
            }
            key = .plain
            guard let scalar = String(validating: begun + [byte], as: UTF8.self)?.unicodeScalars.first else {
                return .nothing
            }
            return insert(scalar)
        case .escaped:
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "O"): key = .sequence([])
            case 0x1B: break  // begins anew
            default: key = .plain  // behind Alt it means nothing here
            }
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
        case 0x01: return moveToStart()
        case 0x04: return isEmpty ? .end : .nothing
        case 0x05: return moveToEnd()
        case 0x08, 0x7F: return remove(1, \.left)
        case 0x09: return insert(" ")
        case 0x0A, 0x0D:
            let line = String(left + right.reversed())
            self = LineEditor()
            return .line(line)
        case 0x0B: return remove(right.count, \.right)
        case 0x15: return remove(left.count, \.left)
        case 0x1A: return .suspension
        case 0x1B:
            key = .escaped
            return .nothing
        case 0x00..<0x20: return .nothing
        case 0xC2..<0xE0, 0xE0..<0xF0, 0xF0..<0xF5:
            key = .character([byte], length: byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4)
            return .nothing
        case 0x80...: return .nothing
        default: return insert(Unicode.Scalar(byte))
        }
    }

    /// The arrows, Home, End and Delete; other keys mean nothing here.
    private mutating func perform(_ letter: UInt8, _ parameters: [UInt8]) -> Outcome {
        // Behind a semicolon stand Shift and the like.
        let number = String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
        switch (Unicode.Scalar(letter), number) {
        case ("C", _): return right.popLast().map { move($0, to: \.left) } ?? .nothing
        case ("D", _): return left.popLast().map { move($0, to: \.right) } ?? .nothing
        case ("H", _), ("~", "1"), ("~", "7"): return moveToStart()
        case ("F", _), ("~", "4"), ("~", "8"): return moveToEnd()
        case ("~", "3"): return remove(1, \.right)
        default: return .nothing
        }
    }

    private mutating func move(_ character: Character, to side: WritableKeyPath<LineEditor, [Character]>) -> Outcome {
        self[keyPath: side].append(character)
        return .changed
    }

    private mutating func moveToStart() -> Outcome {
        right += left.reversed()
        left = []
        return .changed
    }

    private mutating func moveToEnd() -> Outcome {
        left += right.reversed()
        right = []
        return .changed
    }

    /// Removes what is next to the cursor on one side.
    private mutating func remove(_ count: Int, _ side: WritableKeyPath<LineEditor, [Character]>) -> Outcome {
        let removed = self[keyPath: side].suffix(count)
        guard !removed.isEmpty else { return .nothing }
        bytes -= removed.reduce(0) { $0 + $1.utf8.count }
        self[keyPath: side].removeLast(removed.count)
        isFull = false
        return .changed
    }

    private mutating func insert(_ scalar: Unicode.Scalar) -> Outcome {
        let size = UTF8.width(scalar)
        // What is typed may belong to the character before it: an accent, or the second half of a flag.
        if !scalar.isASCII, let last = left.last, case let joined = "\(last)\(scalar)", joined.count == 1 {
            guard bytes + size <= Self.limit, joined.utf8.count <= Self.characterLimit else { return refuse() }
            left[left.count - 1] = Character(joined)
        } else {
            guard bytes + size <= Self.limit else { return refuse() }
            left.append(Character(scalar))
        }
        bytes += size
        return .changed
    }

    private mutating func refuse() -> Outcome {
        defer { isFull = true }
        return isFull ? .nothing : .full
    }
}
