/// Lines of an input that nobody edits: bytes in, lines out.
struct LineSplitter {
    enum Line: Equatable {
        case line(String)
        /// Longer than the limit; it is left out.
        case tooLong
    }

    /// Bytes of a line.
    static let limit = 64 * 1024

    private var bytes: [UInt8] = []
    private var isTooLong = false

    /// The line that `byte` ends.
    mutating func take(_ byte: UInt8) -> Line? {
        guard byte != UInt8(ascii: "\n") else { return cut() }
        if bytes.count < Self.limit { bytes.append(byte) } else { isTooLong = true }
        return nil
    }

    /// What stands behind the last line end.
    mutating func finish() -> Line? { bytes.isEmpty ? nil : cut() }

    private mutating func cut() -> Line {
        defer { self = LineSplitter() }
        return isTooLong ? .tooLong : .line(String(decoding: bytes, as: UTF8.self))
    }
}
