import CommandLineOptions
import Foundation
import PatternsEvents

/// The chat of the `patterns` example in a terminal, two ways: `MODE=poll` asks for messages, `MODE=stream` is told them.
@main
struct PatternsClient {
    static func main() async {
        do {
            let options = try Options(
                CommandLine.arguments.dropFirst(), environment: ProcessInfo.processInfo.environment)
            if options.wantsHelp {
                print(Options.usage)
            } else {
                try await talk(over: options.way, as: options.name)
            }
        } catch let error as UsageError {
            complain("\(error)\n\n\(Options.usage)")
            exit(2)
        } catch {
            complain("patterns-client: \(error)")
            exit(1)
        }
    }

    /// Says what is typed, until the end of input.
    private static func talk(over way: any Way, as name: String) async throws {
        // Not a task of a group, which would wait for it: nobody can interrupt who reads a terminal.
        Task {
            do {
                try await way.read { message in say("\(message.name.printable): \(message.text.printable)") }
            } catch {
                complain("patterns-client: \(error)")
                exit(1)
            }
        }
        while let line = await nextLine() {
            if !line.isEmpty { try await way.say(Draft(name: name, text: line)) }
        }
    }

    /// Read on a thread of its own, since it takes as long as people take.
    private static func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }
}

/// A way to the chat.
protocol Way: Sendable {
    /// Shows what is said, each message once, until the task is cancelled.
    func read(_ show: @Sendable (Message) -> Void) async throws
    func say(_ draft: Draft) async throws
}

extension String {
    /// Without what would make the terminal do something.
    var printable: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 })
        )
    }
}
