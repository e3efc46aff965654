import Dispatch
import Foundation
import Synchronization

/// Lines in and out of a terminal, with a prompt that stays below what comes in while somebody types.
///
/// Where the input is no terminal, lines are read as they are and nothing is redrawn.
final class Terminal: Sendable {
    private struct State {
        var prompt = "> "
        var editor = LineEditor()
        var width = 80

        var row: String { editor.row(prompt: prompt, width: width) }
    }

    private let state = Mutex(State())
    private let isInteractive: Bool
    /// What `stty -g` said, to be set again at the end.
    private let settings: String?
    /// Held for its effect.
    private let resizing = Mutex<(any DispatchSourceSignal)?>(nil)
    /// What is typed, line by line; ends with the input.
    let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    /// Ends when somebody does not want to wait for anything any more: with Ctrl-C.
    let interruption: AsyncStream<Never>
    private let interrupt: AsyncStream<Never>.Continuation

    init() {
        settings = Self.stty(["-g"])
        isInteractive = settings != nil
        (lines, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
        (interruption, interrupt) = AsyncStream.makeStream()
        // Keys one by one and without echo, Ctrl-C among them, so that the settings are always set back.
        if isInteractive {
            _ = Self.stty(["-icanon", "-echo", "-isig", "min", "1", "time", "0"])
            resizing.withLock { resizing in
                let source = DispatchSource.makeSignalSource(signal: SIGWINCH)
                source.setEventHandler { [self] in resize() }
                source.activate()
                resizing = source
            }
            resize()
        }
        Thread.detachNewThread { [self] in
            if isInteractive { readKeys() } else { readLines() }
            continuation.finish()
        }
    }

    /// Sets the terminal back to what it was.
    func close() {
        resizing.withLock { $0?.cancel() }
        guard let settings else { return }
        write("\r\u{1B}[K")
        _ = Self.stty([settings])
    }

    func setPrompt(_ prompt: String) {
        state.withLock { state in
            state.prompt = prompt
            if isInteractive { write(state.row) }
        }
    }

    /// Prints a line above the prompt.
    func print(_ line: String) {
        state.withLock { state in
            write(isInteractive ? "\r\u{1B}[K\(line)\n\(state.row)" : line + "\n")
        }
    }

    private func write(_ text: String) {
        // Whoever read it is gone: the input ends, too.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    private func readKeys() {
        while case let data = FileHandle.standardInput.availableData, !data.isEmpty {
            for byte in data where !take(byte) { return }
        }
    }

    /// Takes a key; false if it ends the input.
    private func take(_ byte: UInt8) -> Bool {
        state.withLock { state in
            switch state.editor.take(byte) {
            case .nothing: return true
            case .changed: write(state.row)
            case .line(let line):
                continuation.yield(line)
                write(state.row)
            case .interrupt:
                interrupt.finish()
                return false
            case .end: return false
            }
            return true
        }
    }

    private func readLines() {
        while let line = readLine() { continuation.yield(line) }
    }

    /// Asks how wide the terminal is.
    private func resize() {
        // "24 80", or zeros where nobody knows.
        guard let size = Self.stty(["size"]), let width = size.split(separator: " ").last.flatMap({ Int($0) }) else {
            return
        }
        state.withLock { state in
            state.width = width > 0 ? width : 80
            write(state.row)
        }
    }

    /// Runs `stty` on this terminal; nil if the input is none.
    private static func stty(_ arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // A Process is in a group of its own, in the background: the system stops whoever changes a terminal from there,
        // unless that signal is ignored.
        process.arguments = ["-c", "trap '' TTOU; exec stty \"$@\"", "stty"] + arguments
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
