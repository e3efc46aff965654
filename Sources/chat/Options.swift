/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: chat [--port N] [--host ADDRESS] [--client-bundle DIR] [--admin-password WORD]

          --port N               port to listen on, 0 for any free one (3000)
          --host ADDRESS         address to listen on (0.0.0.0)
          --client-bundle DIR    folder with socket.io.js or socket.io.min.js; without it, the page loads the
                                 official copy from its CDN
          --admin-password WORD  password of /admin (drawn at random)
          --help                 print this
        """

    private(set) var port = 3000
    private(set) var host = "0.0.0.0"
    private(set) var clientBundle: String?
    private(set) var adminPassword = Options.randomPassword()
    private(set) var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--help", "-h":
                wantsHelp = true
            case "--port":
                let text = try Self.value(of: argument, from: &rest)
                guard let number = Int(text), (0...65_535).contains(number) else {
                    throw UsageError("--port takes a number from 0 to 65535, not '\(text)'")
                }
                port = number
            case "--host":
                host = try Self.value(of: argument, from: &rest)
            case "--client-bundle":
                clientBundle = try Self.value(of: argument, from: &rest)
            case "--admin-password":
                adminPassword = try Self.value(of: argument, from: &rest)
            default:
                throw UsageError("unknown argument '\(argument)'")
            }
        }
    }

    private static func value(
        of option: String, from rest: inout some IteratorProtocol<String>
    ) throws(UsageError) -> String {
        guard let value = rest.next(), !value.isEmpty else { throw UsageError("\(option) needs a value") }
        return value
    }

    private static func randomPassword() -> String {
        let letters = "abcdefghjkmnpqrstuvwxyz23456789"
        return String((0..<12).compactMap { _ in letters.randomElement() })
    }
}

/// What is wrong with the command line, in words for the person who typed it.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
