import CommandLineOptions

/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: chat-client [URL] [--name NAME] [--room ROOM]

        \(Help.list([("URL", "the chat server (http://localhost:3000)")] + all.map(\.line)))

        \(Command.summary)
        """

    private static var all: [Option<Options>] {
        [
            Option("--name", .text("NAME"), "who you are (guest and a number)") { $0.name = $1 },
            Option("--room", .text("ROOM"), "where you begin (lobby)") { $0.room = $1 },
            Option("--help", "print this") { $0.wantsHelp = true },
        ]
    }

    private(set) var url = "http://localhost:3000"
    private(set) var name = "guest\(Int.random(in: 1000...9999))"
    private(set) var room = "lobby"
    private(set) var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        url = try Option.read(arguments, into: &self, knowing: Self.all).last ?? url
    }
}
