import CommandLineOptions
import Foundation

/// The chat of the `chat` example, in a terminal.
@main
struct ChatClient {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            guard !options.wantsHelp else { return print(Options.usage) }
            let terminal = Terminal()
            defer { terminal.close() }
            try await Chat(options, on: terminal).run()
        } catch let error as UsageError {
            print("\(error)\n\n\(Options.usage)")
            exit(2)
        } catch {
            print("chat-client: \(error)")
            exit(1)
        }
    }
}
