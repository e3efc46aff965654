import Foundation
import Synchronization

/// The terminal that somebody types on: it gives keys one by one until it is restored, which every way out does.
final class Terminal: Sendable {
    private enum Mode {
        /// As it was found.
        case asFound
        /// Keys one by one and without echo, Ctrl-C among them.
        case keys
        /// As it was found, for good.
        case restored
    }

    /// What `stty -g` said, to be set again.
    private let settings: String
    private let mode = Mutex(Mode.asFound)

    /// Nil where there is no terminal at both ends, or it does not know how to erase a row.
    init?() {
        let kind = ProcessInfo.processInfo.environment["TERM"] ?? ""
        guard isatty(0) == 1, isatty(1) == 1, !kind.isEmpty, kind != "dumb", let settings = Self.stty("-g") else {
            return nil
        }
        self.settings = settings
    }

    /// Takes the terminal, or takes it again after somebody else had it; not from the background, where it is another's.
    func enter() {
        mode.withLock { mode in
            guard mode != .restored, tcgetpgrp(0) == getpgrp() else { return }
            mode = .keys
            // Without `ixon`, too: Ctrl-S would stop us in the middle of a row.
            _ = Self.stty("-icanon", "-echo", "-isig", "-ixon", "min", "1", "time", "0")
        }
    }

    /// Gives it back for a while.
    func leave() {
        mode.withLock { mode in
            guard mode == .keys else { return }
            mode = .asFound
            _ = Self.stty(settings)
        }
    }

    /// Gives it back for good, from any thread and however often.
    func restore() {
        // All at once: between two steps somebody could take it again.
        mode.withLock { mode in
            if mode == .keys { _ = Self.stty(settings) }
            mode = .restored
        }
    }

    /// How many columns it has; 80 where nobody knows.
    var width: Int {
        // "24 80", or zeros.
        let size = Self.stty("size")?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        return size > 0 ? size : 80
    }

    /// Runs `stty` on the standard input; nil if it is no terminal, or there is no `stty`.
    ///
    /// A command, because the calls behind it take pointers to C structures: an example has no unsafe code.
    private static func stty(_ arguments: String...) -> String? {
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
        return process.terminationStatus == 0 ? text.trimmed : nil
    }
}
