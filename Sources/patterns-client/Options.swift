import CommandLineOptions
import Foundation

/// The command line, and what of the environment belongs to it.
struct Options: Sendable {
    static let usage = """
        usage: MODE=poll|stream patterns-client [URL] [--name NAME]

        \(Help.list([("URL", "the server of `patterns` (http://localhost:8080)")] + all.map(\.line)))

        MODE=poll asks for messages every 3 seconds, by plain HTTP. MODE=stream, which is the default, is told them over
        Socket.IO. Each line that is typed is said.
        """

    enum Mode: String, CaseIterable {
        case poll, stream
    }

    private static var all: [Option<Options>] {
        [
            Option("--name", .text("NAME"), "who you are (guest)") { $0.name = $1 },
            Option("--help", "print this") { $0.wantsHelp = true },
        ]
    }

    private(set) var name = "guest"
    private(set) var wantsHelp = false
    private(set) var mode = Mode.stream
    private var url = "http://localhost:8080"

    init(_ arguments: some Sequence<String>, environment: [String: String]) throws(UsageError) {
        let operands = try Option.read(arguments, into: &self, knowing: Self.all)
        if let word = environment["MODE"] {
            guard let mode = Mode(rawValue: word) else { throw UsageError("MODE=\(word) is neither poll nor stream") }
            self.mode = mode
        }
        url = operands.last ?? url
    }

    var way: any Way {
        get throws {
            guard let url = URL(string: url), url.scheme != nil else { throw UsageError("'\(url)' is no URL") }
            switch mode {
            case .poll: return Polling(url: url.appending(path: "messages"))
            case .stream: return Streaming(url: self.url)
            }
        }
    }
}
