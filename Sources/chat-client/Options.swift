/// The command line.
struct Options: Sendable {
    static let usage = """
        usage: chat-client [URL] [--name NAME] [--room ROOM]

          URL            the chat server (http://localhost:3000)
          --name NAME    who you are (guest and a number)
          --room ROOM    where you begin (lobby)
          --help         print this

        \(Command.summary)
        """

    private(set) var url = "http://localhost:3000"
    private(set) var name = "guest\(Int.random(in: 1000...9999))"
    private(set) var room = "lobby"
    private(set) var wantsHelp = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--name": name = try Self.value(of: argument, from: &rest)
            case "--room": room = try Self.value(of: argument, from: &rest)
            default:
                guard !argument.hasPrefix("-") else { throw UsageError("unknown argument '\(argument)'") }
                url = argument
            }
        }
    }

    private static func value(
        of option: String, from rest: inout some IteratorProtocol<String>
    ) throws(UsageError) -> String {
        guard let value = rest.next(), !value.isEmpty else { throw UsageError("\(option) needs a value") }
        return value
    }
}

/// What is wrong with the command line, in words for the person who typed it.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
