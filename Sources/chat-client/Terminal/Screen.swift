import CommandLineOptions

/// The last row of a terminal, where somebody types, and the lines above it. What it returns is to be written.
struct Screen {
    /// What stands before the line.
    var label = ""
    /// The columns that there are.
    var width: Int
    private var editor = LineEditor()

    init(width: Int) {
        self.width = width
    }

    mutating func take(_ byte: UInt8) -> LineEditor.Outcome { editor.take(byte) }

    /// Gives a line back to be changed; false if something else is being typed.
    mutating func giveBack(_ line: String) -> Bool {
        guard editor.isEmpty else { return false }
        editor.begin(with: line)
        return true
    }

    /// A line above the row.
    func line(_ text: String) -> String { "\(Self.erased)\(text)\n\(row)" }

    /// Nothing in the row.
    static let erased = "\r\u{1B}[K"

    /// As much of the line as there is room for behind the label, with the cursor in its place.
    var row: String {
        let prompt = label.clipped(to: width / 2 - 2).printable + "> "
        // One column is the cursor's.
        var room = max(width - prompt.columns - 1, 1)
        var start = editor.left.endIndex
        while start > 0, editor.left[start - 1].columns <= room {
            start -= 1
            room -= editor.left[start].columns
        }
        var end = editor.right.endIndex
        while end > 0, editor.right[end - 1].columns <= room {
            end -= 1
            room -= editor.right[end].columns
        }
        let before = prompt + String(editor.left[start...]).printable
        let behind = String(editor.right[end...].reversed()).printable
        // The terminal alone knows how wide it makes each character: it goes back and comes to the cursor once more.
        return Self.erased + before + (behind.isEmpty ? "" : "\(behind)\r\(before)")
    }
}
