import CommandLineOptions

/// `bench instructions`: guards the hot paths against growing.
struct InstructionsCommand {
    private let options: Options

    init(_ options: Options) {
        self.options = options
    }

    /// Messages over one connection, or to one room, in lockstep: the server finds the same batches in every run. How
    /// long it looks for the room is left to chance, since the table holds random ids too; with many members that does
    /// not show.
    private static let loads: [(name: String, plan: LoadPlan)] = [
        ("echo-1", plan(.echo, connections: 1, inFlight: 1)),
        ("echo-16", plan(.echo, connections: 1, inFlight: 16)),
        ("async-16", plan(.echo, connections: 1, inFlight: 16, Payload(handler: .async))),
        ("typed-16", plan(.echo, connections: 1, inFlight: 16, Payload(kind: .object, handler: .typed))),
        ("ack-16", plan(.ack, connections: 1, inFlight: 16)),
        ("broadcast-1", plan(.broadcast, connections: 100, inFlight: 1)),
        ("broadcast-16", plan(.broadcast, connections: 100, inFlight: 16)),
    ]
    private static let operations = [
        "json-scan", "json-parse", "json-write", "json-decode", "json-encode", "packet-decode", "packet-encode",
        "frame-read", "frame-write", "mask-100",
    ]

    private static func plan(
        _ work: Work, connections: Int, inFlight: Int, _ payload: Payload = Payload()
    ) -> LoadPlan {
        var plan = LoadPlan(work: work)
        plan.payload = payload
        plan.connections = connections
        plan.inFlight = inFlight
        plan.pace = .lockstep
        return plan
    }

    func run() throws {
        guard let file = options.operands.first else { throw UsageError("instructions needs the file of thresholds") }
        let callgrind = try Callgrind()
        var measured = Thresholds()
        for load in Self.loads { measured.append(load.name, try callgrind.instructions(of: load.plan)) }
        for (name, value) in zip(Self.operations, try callgrind.instructions(of: Self.operations)) {
            measured.append(name, value)
        }
        if options.renews {
            try Host.write(measured.text, to: file)
            print(measured.text)
        } else {
            guard let text = Host.text(of: file) else { throw UsageError("\(file) cannot be read") }
            try compare(measured, with: Thresholds(parsing: text), file)
        }
    }

    private func compare(_ measured: Thresholds, with thresholds: Thresholds, _ file: String) throws(LoadFailure) {
        var table = Table(["", "instructions", "threshold", "change"])
        var failed: [String] = []
        for (name, value) in measured.entries {
            guard let threshold = thresholds[name] else {
                throw LoadFailure("\(file) has no \(name): renew it with --renew")
            }
            let change = value / threshold - 1
            if change > Thresholds.tolerance { failed.append(name) }
            table.add([name, Figure.text(value, 0), Figure.text(threshold, 0), "\(Figure.text(change * 100, 1)) %"])
        }
        print(table.text)
        for (name, value) in measured.entries {
            guard let threshold = thresholds[name], value < threshold * (1 - Thresholds.tolerance) else { continue }
            print("\(name) is cheaper than its threshold: renew it, so that it stays so")
        }
        guard failed.isEmpty else {
            throw LoadFailure("over the threshold: \(failed.joined(separator: ", ")); if it has to be, use --renew")
        }
    }
}
