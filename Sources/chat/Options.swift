import CommandLineOptions
import ExamplePages
import SocketIO

/// The command line, and what of the environment belongs to it.
struct Options: Sendable {
    static let usage = """
        usage: chat [--port N] [--host ADDRESS] [--client-bundle DIR] [--admin-password WORD] [--message-rate N]
                    [--trusted-proxy ADDRESS]...

        \(Help.list(all.map(\.line)))

        CHAT_ADMIN_PASSWORD in the environment is the password of /admin, too, and no other user of the machine sees it.
        TRUSTED_PROXIES has addresses of proxies, too, with commas between them.
        """

    private static var all: [Option<Options>] {
        [
            Option("--port", .number(from: 0, to: 65_535), "port to listen on, 0 for any free one (3000)") {
                $0.port = $1
            },
            Option("--host", .text("ADDRESS"), "address to listen on (all of the machine)") { $0.host = $1 },
            Option(
                "--client-bundle", .text("DIR"),
                """
                folder with socket.io.js or socket.io.min.js; without it, the page loads the
                official copy from its CDN
                """
            ) { $0.clientBundle = $1 },
            Option(
                "--admin-password", .text("WORD"),
                """
                password of /admin (drawn at random and printed); every user of the machine
                can see it in `ps`
                """
            ) { $0.givenPassword = $1 },
            Option("--message-rate", .number(from: 1, to: 100_000), "messages a second of one person (10)") {
                $0.messageRate = $1
            },
            Option(
                "--trusted-proxy", .text("ADDRESS"),
                """
                address or network (10.0.0.0/8) of a proxy in front, which is believed where
                people come from: limits count by it; can be repeated
                """
            ) { $0.proxies.append($1) },
            Option("--help", "print this") { $0.wantsHelp = true },
        ]
    }

    private(set) var port = 3000
    private(set) var host: String?
    private(set) var client = ClientScript.cdn
    private(set) var messageRate = 10
    private(set) var trustedProxies = TrustedProxies.none
    private(set) var wantsHelp = false
    private var proxies: [String] = []
    private var clientBundle: String?
    private var givenPassword: String?
    private let drawnPassword = Options.randomPassword()

    init(_ arguments: some Sequence<String>, environment: [String: String] = [:]) throws(UsageError) {
        if let password = environment["CHAT_ADMIN_PASSWORD"], !password.isEmpty { givenPassword = password }
        proxies = (environment["TRUSTED_PROXIES"] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        let operands = try Option.read(arguments, into: &self, knowing: Self.all)
        if let word = operands.first { throw UsageError("unknown argument '\(word)'") }
        client = try ClientScript(folder: clientBundle)
        do throws(TrustedProxies.Failure) {
            trustedProxies = try TrustedProxies(proxies)
        } catch {
            throw UsageError("--trusted-proxy or TRUSTED_PROXIES: \(error)")
        }
    }

    /// Where a browser on this machine finds it.
    var url: String { PageAddress.url(host: host, port: port) }

    var adminPassword: String { givenPassword ?? drawnPassword }

    /// What the operator is told of the password: one that was given is not for the log.
    var passwordNote: String { givenPassword == nil ? drawnPassword : "(as given)" }

    private static func randomPassword() -> String {
        let letters = "abcdefghjkmnpqrstuvwxyz23456789"
        return String((0..<12).compactMap { _ in letters.randomElement() })
    }
}
