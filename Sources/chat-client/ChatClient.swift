import CommandLineOptions
import Foundation

/// The chat of the `chat` example, in a terminal.
@main
struct ChatClient {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            guard !options.wantsHelp else { return print(Options.usage) }
            var chat = Chat(options)
            // At once: a thread that waits for input is nobody's to wait for.
            _exit(await chat.run())
        } catch {
            // Nobody is there to hear it.
            try? Display.complain("\(error)\n\n\(Options.usage)")
            exit(2)
        }
    }
}
