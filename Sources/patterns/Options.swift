import CommandLineOptions
import ExamplePages
import SocketIO
import SocketIORedis

/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: patterns [--port N] [--front-end-port N] [--host ADDRESS] [--client-bundle DIR] [--redis URL]

        \(Help.list(all.map(\.line)))
        """

    private static var all: [Option<Options>] {
        [
            Option("--port", .number(from: 1, to: 65_535), "port to listen on (8080)") { $0.port = $1 },
            Option(
                "--front-end-port", .number(from: 1, to: 65_535), "port of the front end of another origin (one more)"
            ) { $0.givenFrontEndPort = $1 },
            Option("--host", .text("ADDRESS"), "address to listen on (all of the machine)") { $0.host = $1 },
            Option(
                "--client-bundle", .text("DIR"),
                """
                folder with socket.io.js or socket.io.min.js; without it, the page loads the
                official copy from its CDN
                """
            ) { $0.clientBundle = $1 },
            Option("--redis", .text("URL"), "joins the nodes of publish-subscribe: redis://127.0.0.1:6379") {
                $0.redisURL = $1
            },
            Option("--help", "print this") { $0.wantsHelp = true },
        ]
    }

    private(set) var port = 8080
    private(set) var host: String?
    private(set) var client = ClientScript.cdn
    private(set) var redis: RedisURL?
    private(set) var wantsHelp = false
    private var givenFrontEndPort: Int?
    private var clientBundle: String?
    private var redisURL: String?

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        let operands = try Option.read(arguments, into: &self, knowing: Self.all)
        if let word = operands.first { throw UsageError("unknown argument '\(word)'") }
        client = try ClientScript(folder: clientBundle)
        guard let redisURL else { return }
        do throws(RedisURLError) {
            redis = try RedisURL(redisURL)
        } catch {
            throw UsageError("--redis: \(error)")
        }
    }

    var frontEndPort: Int { givenFrontEndPort ?? (port == 65_535 ? port - 1 : port + 1) }

    /// Where a browser on this machine finds it.
    var url: String { PageAddress.url(host: host, port: port) }
    var frontEndURL: String { PageAddress.url(host: host, port: frontEndPort) }

    /// What a node is called where several publish.
    var node: String { "node \(port)" }
}
