internal import SocketIOWire

/// A line as it is written: on one line, whatever the message holds, and no longer than is of use.
struct LogLine {
    /// UTF-8, without the end of the line.
    let text: [UInt8]

    /// Bytes of a line.
    static let maxByteCount = 1024
    private static let cut = Array("…".utf8)

    init(_ level: LogLevel, _ message: String) {
        var text = Array("[socket.io] \(level): ".utf8)
        for scalar in message.unicodeScalars {
            let before = text.count
            Self.append(scalar, to: &text)
            if text.count > Self.maxByteCount - Self.cut.count {
                text.removeLast(text.count - before)
                text += Self.cut
                break
            }
        }
        self.text = text
    }

    /// Control characters, line separators and what turns the direction of text around are spelled out: a peer's words must
    /// not look like another line, or do anything to a terminal.
    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        switch scalar.value {
        case 0x0A: text += Array("\\n".utf8)
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
            text += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
        default: text += Array(String(scalar).utf8)
        }
    }

    /// What lines of one cause have in common: the first words, without numbers, ids and what is quoted.
    static func shape(of message: String) -> String {
        var words: [Substring] = []
        for word in message.prefix(400).split(separator: " ", maxSplits: shapeWords).prefix(shapeWords) {
            let isPlain = word.utf8.count <= 16 && word.utf8.allSatisfy { $0.isASCIILetterOrDash }
            words.append(isPlain ? word : "#")
        }
        return words.joined(separator: " ")
    }

    private static let shapeWords = 12
}

extension UInt8 {
    fileprivate var isASCIILetterOrDash: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
            UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: ","):
            true
        default: false
        }
    }
}
