import CommandLineOptions

extension Option<Options> {
    static var all: [Option] {
        [
            Option("--connections", .number(from: 1), "connections of the load (100)") { $0.connections = $1 },
            Option("--in-flight", .numbers, "messages that each has under way (1,16)") { $0.inFlight = $1 },
            Option("--payload", .number("BYTES", from: 0), "bytes of the argument (100)") { $0.payload.bytes = $1 },
            Option("--kind", .choice(of: Payload.Kind.self), "what the argument is (string)") { $0.payload.kind = $1 },
            Option("--handler", .choice(of: Payload.Handler.self), "what kind of closure handles it (sync)") {
                $0.payload.handler = $1
                if $1 == .typed { $0.payload.kind = .object }
            },
            Option("--rooms", .number(from: 0), "rooms that each connection joins first (0)") { $0.rooms = $1 },
            Option("--loops", .number(from: 1), "event loops of the server (1; serve: one for each core)") {
                $0.loops = $1
            },
            Option("--seconds", .quantity("S"), "how long a round measures (2)") { $0.seconds = $1 },
            Option("--rounds", .number(from: 1), "rounds, in which the servers take turns (3)") { $0.rounds = $1 },
            Option("--rate", .rate, "messages in a second, instead of as many as possible; half of these") {
                $0.rate = $1
            },
            Option("--work", .choice(of: Work.self, "COMMAND"), "what compare measures (echo)") { $0.work = $1 },
            Option("--url", .text("URL"), "measure this server, which must know the events of `bench serve`") {
                $0.url = $1
            },
            Option("--pid", .number(from: 1), "its process, whose CPU time and memory are read") {
                $0.process = Int32($1)
            },
            Option("--raw", "it sends back WebSocket messages and knows no Socket.IO") { $0.isRaw = true },
            Option("--compress", "messages are compressed, both ways; next to the same as usual") {
                $0.compresses = true
            },
            Option("--version-2", "clients of Socket.IO 2, over Engine.IO 3; next to the usual ones") {
                $0.isVersion2 = true
            },
            Option("--events", "all: rows of server-sent events") { $0.hasEvents = true },
            Option("--port", .number(from: 0), "where serve listens, 0 for any free port (3000)") { $0.port = $1 },
            Option("--instructions", "codec: count instructions too, with valgrind") { $0.countsInstructions = true },
            Option("--renew", "instructions: write FILE anew") { $0.renews = true },
            Option("--adapter", .choice(of: ClusterAdapter.self), "what joins the nodes of cluster (each in turn)") {
                $0.adapter = $1
            },
            Option("--redis", .text("URL"), "the Redis of cluster (redis://127.0.0.1:6379)") { $0.redis = $1 },
            Option("--json", "print JSON") { $0.json = true },
            Option("--help", "print this") { $0.wantsHelp = true },
            Option("--tethered") { $0.isTethered = true },
        ]
    }
}

extension OptionValue<[Int]> {
    fileprivate static var numbers: OptionValue {
        OptionValue("N,…", else: "is not a list of numbers from 1 on") { text in
            let numbers = text.split(separator: ",").map { OptionValue<Int>.number(from: 1).read(String($0)) }
            return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
        }
    }
}

extension OptionValue<Options.Rate> {
    fileprivate static var rate: OptionValue {
        OptionValue("N|half", else: "is not a number over 0") { text in
            text == "half" ? .half : OptionValue<Double>.quantity("N").read(text).map { .fixed($0) }
        }
    }
}
