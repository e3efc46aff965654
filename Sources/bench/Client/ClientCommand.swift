import CommandLineOptions

/// `bench client`: what this project's client costs, in a process of its own.
struct ClientCommand {
    private let options: Options

    init(_ options: Options) throws(UsageError) {
        guard options.payload == Payload(bytes: options.payload.bytes) else {
            throw UsageError("client sends strings to a sync handler only")
        }
        guard options.rate == nil else { throw UsageError("client has no --rate") }
        guard options.rooms == 0 else { throw UsageError("client has no --rooms") }
        guard !options.isRaw else { throw UsageError("client speaks Socket.IO: it has no --raw") }
        self.options = options
    }

    func run() throws {
        let summary = try measure()
        print(options.json ? try JSONText.encode(summary) : summary.text)
    }

    func measure() throws -> ClientSummary {
        let server = try options.url.map { try Subject.running(options, at: $0) } ?? .server(loops: options.loops ?? 1)
        defer { server.stop() }
        let rounds = options.rounds ?? 3
        var summary = ClientSummary(
            bytes: options.payload.bytes, rounds: rounds, rows: [], idleSockets: options.connections ?? 1_000,
            otherLoad: 0)
        for plan in plans {
            let results = try (0..<rounds).map { _ in try server.measure(plan) }
            summary.rows.append(ClientSummary.Row(plan, results))
            summary.otherLoad = max(summary.otherLoad, results.map(\.otherLoad).max() ?? 0)
        }
        var idle = plan
        idle.work = .idle
        idle.sockets = summary.idleSockets
        summary.bytesPerIdleSocket = try server.measure(idle).bytesPerConnection
        return summary
    }

    /// One for each row.
    var plans: [ClientPlan] {
        var plans: [ClientPlan] = []
        for work in [ClientPlan.Work.echo, .ack] {
            for inFlight in options.inFlight.isEmpty ? [1, 16] : options.inFlight {
                for sockets in options.connections.map({ [$0] }) ?? [1, 100, 1_000] {
                    var plan = plan
                    (plan.work, plan.inFlight, plan.sockets) = (work, inFlight, sockets)
                    plans.append(plan)
                }
            }
        }
        return plans
    }

    private var plan: ClientPlan {
        var plan = ClientPlan()
        plan.bytes = options.payload.bytes
        plan.seconds = options.seconds ?? plan.seconds
        return plan
    }
}
