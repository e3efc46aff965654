import CommandLineOptions

/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: chat [--port N] [--host ADDRESS] [--client-bundle DIR] [--admin-password WORD]

        \(Help.list(all.map(\.line)))
        """

    private static var all: [Option<Options>] {
        [
            Option("--port", .number(from: 0, to: 65_535), "port to listen on, 0 for any free one (3000)") {
                $0.port = $1
            },
            Option("--host", .text("ADDRESS"), "address to listen on (0.0.0.0)") { $0.host = $1 },
            Option(
                "--client-bundle", .text("DIR"),
                """
                folder with socket.io.js or socket.io.min.js; without it, the page loads the
                official copy from its CDN
                """
            ) { $0.clientBundle = $1 },
            Option("--admin-password", .text("WORD"), "password of /admin (drawn at random)") { $0.adminPassword = $1 },
            Option("--help", "print this") { $0.wantsHelp = true },
        ]
    }

    private(set) var port = 3000
    private(set) var host = "0.0.0.0"
    private(set) var clientBundle: String?
    private(set) var adminPassword = Options.randomPassword()
    private(set) var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        let operands = try Option.read(arguments, into: &self, knowing: Self.all)
        if let word = operands.first { throw UsageError("unknown argument '\(word)'") }
    }

    private static func randomPassword() -> String {
        let letters = "abcdefghjkmnpqrstuvwxyz23456789"
        return String((0..<12).compactMap { _ in letters.randomElement() })
    }
}
