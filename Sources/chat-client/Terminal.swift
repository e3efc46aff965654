import Foundation
import Synchronization

/// Lines in and out of a terminal, with a prompt that stays below what comes in while somebody types.
///
/// Where the input is no terminal, lines are read as they are and nothing is redrawn.
final class Terminal: Sendable {
    private struct State {
        var prompt = "> "
        /// What is typed so far: UTF-8, maybe with the beginning of a character at its end.
        var typed: [UInt8] = []
        /// Within the escape sequence of a key that means nothing here.
        var isEscaped = false

        var line: String { "\r\u{1B}[K\(prompt)\(String(decoding: typed, as: UTF8.self))" }
    }

    private let state = Mutex(State())
    private let isInteractive: Bool
    /// What `stty -g` said, to be set again at the end.
    private let settings: String?
    /// What is typed, line by line; ends with the input.
    let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
        settings = Self.stty(["-g"])
        isInteractive = settings != nil
        (lines, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
        // Keys one by one and without echo, Ctrl-C among them, so that the settings are always set back.
        if isInteractive { _ = Self.stty(["-icanon", "-echo", "-isig", "min", "1", "time", "0"]) }
        Thread.detachNewThread { [self] in read() }
    }

    /// Sets the terminal back to what it was.
    func close() {
        guard let settings else { return }
        write("\r\u{1B}[K")
        _ = Self.stty([settings])
    }

    func setPrompt(_ prompt: String) {
        state.withLock { state in
            state.prompt = prompt
            if isInteractive { write(state.line) }
        }
    }

    /// Prints a line above the prompt.
    func print(_ line: String) {
        state.withLock { state in
            write(isInteractive ? "\r\u{1B}[K\(line)\n\(state.line)" : line + "\n")
        }
    }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private func read() {
        while case let data = FileHandle.standardInput.availableData, !data.isEmpty {
            for byte in data where !take(byte) { return continuation.finish() }
        }
        continuation.finish()
    }

    /// Takes a key; false if it ends the input.
    private func take(_ byte: UInt8) -> Bool {
        state.withLock { state in
            switch byte {
            case _ where state.isEscaped:
                // ESC [ parameters letter
                state.isEscaped = byte == UInt8(ascii: "[") || byte < 0x40
                return true
            case 0x1B where isInteractive: state.isEscaped = true
            case 0x03 where isInteractive: return false
            case 0x04 where isInteractive: return !state.typed.isEmpty
            case 0x0A, 0x0D:
                continuation.yield(String(decoding: state.typed, as: UTF8.self))
                state.typed = []
            case 0x08, 0x7F: state.typed = Array(String(decoding: state.typed, as: UTF8.self).dropLast().utf8)
            case 0x15: state.typed = []
            case 0x00..<0x20: return true
            default: if state.typed.count < 8000 { state.typed.append(byte) }
            }
            if isInteractive { write(state.line) }
            return true
        }
    }

    /// Runs `stty` on this terminal; nil if the input is none.
    private static func stty(_ arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/stty")
        process.arguments = arguments
        process.standardInput = FileHandle.standardInput
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }  // without stty lines are read as they are
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}
