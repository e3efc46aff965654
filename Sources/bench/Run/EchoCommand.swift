/// `bench echo`: the server and the floor in alternation.
struct EchoCommand {
    private let options: Options

    init(_ options: Options) {
        self.options = options
    }

    func run() throws {
        for inFlight in options.inFlight.isEmpty ? [1, 16] : options.inFlight {
            let server: Subject =
                if let url = options.url {
                    try .running(options, at: url)
                } else {
                    try .server(loops: options.loops ?? 1)
                }
            let subjects = [server, try Subject.floor()]
            var plan = LoadPlan(target: server.target, work: .echo)
            plan.payload = options.payload
            plan.connections = options.connections ?? 100
            plan.inFlight = inFlight
            plan.rooms = options.rooms
            plan.extent = .time(warmUp: 0.3, seconds: options.seconds ?? 2)
            let comparison = try Comparison(plan, subjects, options)
            print(options.json ? try JSONText.encode(comparison.summary) : comparison.text)
        }
    }
}
