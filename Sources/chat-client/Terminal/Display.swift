import CommandLineOptions
import Foundation

/// Where lines go: onto a terminal, above the row where somebody types; or, without a screen, to the standard output,
/// and what goes wrong to the standard error.
struct Display {
    private var screen: Screen?

    init(_ screen: Screen?) {
        self.screen = screen
    }

    /// What happens in the chat.
    func print(_ line: String) throws {
        try write(screen?.line(line.printable) ?? line.printable + "\n")
    }

    /// What goes wrong.
    func warn(_ line: String) throws {
        guard screen == nil else { return try print(line) }
        try Self.complain(line.printable)
    }

    /// Takes a key of the terminal.
    mutating func press(_ byte: UInt8) throws -> LineEditor.Outcome {
        guard let outcome = screen?.take(byte) else { return .nothing }
        if outcome != .nothing { try redraw() }
        return outcome
    }

    mutating func set(label: String) throws {
        screen?.label = label
        try redraw()
    }

    mutating func set(width: Int) throws {
        screen?.width = width
        try redraw()
    }

    /// Gives a line back to be changed, or shows all of it where it cannot be: it is nowhere else.
    mutating func giveBack(_ line: String) throws {
        guard screen?.giveBack(line) == true else { return try warn("-- not sent: \(line)") }
        try redraw()
    }

    private func redraw() throws {
        if let screen { try write(screen.row) }
    }

    /// Leaves nothing of the row.
    func close() throws {
        if screen != nil { try write(Screen.erased) }
    }

    private func write(_ text: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// A line to the standard error.
    static func complain(_ line: String) throws {
        try FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
