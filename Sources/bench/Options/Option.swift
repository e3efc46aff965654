/// An option of the command line: its name, its help and its effect, declared once.
struct Option {
    let name: String
    /// What its value is called; nil if it has none.
    let placeholder: String?
    /// Empty for what only other commands use.
    let help: String
    let read: (inout Options, String) throws(UsageError) -> Void

    private init(
        _ name: String, _ placeholder: String? = nil, _ help: String = "",
        _ read: @escaping (inout Options, String) throws(UsageError) -> Void
    ) {
        self.name = name
        self.placeholder = placeholder
        self.help = help
        self.read = read
    }

    static var all: [Option] {
        [
            Option("--connections", "N", "connections of the load (100)") { options, text throws(UsageError) in
                options.connections = try number(text, atLeast: 1)
            },
            Option("--in-flight", "N,…", "messages that each has under way (1,16)") {
                options, text throws(UsageError) in
                options.inFlight = []
                for part in text.split(separator: ",") { options.inFlight.append(try number(part, atLeast: 1)) }
            },
            Option("--payload", "BYTES", "bytes of the argument (100)") { options, text throws(UsageError) in
                options.payload.bytes = try number(text, atLeast: 0)
            },
            Option("--kind", choices(Payload.Kind.self), "what the argument is (string)") {
                options, text throws(UsageError) in options.payload.kind = try choice(text)
            },
            Option("--handler", choices(Payload.Handler.self), "what kind of closure handles it (sync)") {
                options, text throws(UsageError) in
                options.payload.handler = try choice(text)
                if options.payload.handler == .typed { options.payload.kind = .object }
            },
            Option("--rooms", "N", "rooms that each connection joins first (0)") { options, text throws(UsageError) in
                options.rooms = try number(text, atLeast: 0)
            },
            Option("--loops", "N", "event loops of the server (1; serve: one for each core)") {
                options, text throws(UsageError) in options.loops = try number(text, atLeast: 1)
            },
            Option("--seconds", "S", "how long a round measures (2)") { options, text throws(UsageError) in
                options.seconds = try quantity(text)
            },
            Option("--rounds", "N", "rounds, in which the servers take turns (3)") { options, text throws(UsageError) in
                options.rounds = try number(text, atLeast: 1)
            },
            Option("--rate", "N|half", "messages in a second, instead of as many as possible; half of these") {
                options, text throws(UsageError) in
                options.rate = text == "half" ? .half : .fixed(try quantity(text))
            },
            Option("--work", "COMMAND", "what compare measures (echo)") { options, text throws(UsageError) in
                options.work = try choice(text)
            },
            Option("--url", "URL", "measure this server, which must know the events of `bench serve`") {
                options, text in
                options.url = text
            },
            Option("--pid", "N", "its process, whose CPU time and memory are read") {
                options, text throws(UsageError) in
                options.process = Int32(try number(text, atLeast: 1))
            },
            Option("--raw", nil, "it sends back WebSocket messages and knows no Socket.IO") { options, _ in
                options.isRaw = true
            },
            Option("--port", "N", "where serve listens, 0 for any free port (3000)") {
                options, text throws(UsageError) in
                options.port = try number(text, atLeast: 0)
            },
            Option("--instructions", nil, "codec: count instructions too, with valgrind") { options, _ in
                options.countsInstructions = true
            },
            Option("--renew", nil, "instructions: write FILE anew") { options, _ in options.renews = true },
            Option("--json", nil, "print JSON") { options, _ in options.json = true },
            Option("--help", nil, "print this") { options, _ in options.wantsHelp = true },
            Option("--tethered", nil) { options, _ in options.isTethered = true },
        ]
    }

    private static func number(_ text: some StringProtocol, atLeast least: Int) throws(UsageError) -> Int {
        guard let number = Int(text), number >= least, number < 1 << 31 else {
            throw UsageError("'\(text)' is not a number from \(least) on")
        }
        return number
    }

    private static func quantity(_ text: String) throws(UsageError) -> Double {
        guard let quantity = Double(text), quantity > 0, quantity.isFinite else {
            throw UsageError("'\(text)' is not a number over 0")
        }
        return quantity
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String
    ) throws(UsageError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw UsageError("'\(text)' is none of \(choices(Choice.self))")
        }
        return choice
    }

    private static func choices<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
        Choice.allCases.map(\.rawValue).joined(separator: "|")
    }
}
