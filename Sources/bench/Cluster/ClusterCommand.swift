import CommandLineOptions

/// `bench cluster`: what a broadcast costs the node that sends it, and the node whose clients hear it.
struct ClusterCommand {
    private let options: Options

    init(_ options: Options) throws(UsageError) {
        guard options.payload == Payload(bytes: options.payload.bytes) else {
            throw UsageError("cluster sends strings to a sync handler only")
        }
        guard options.rate == nil else { throw UsageError("cluster has no --rate") }
        guard options.rooms == 0 else { throw UsageError("cluster has no --rooms") }
        guard options.url == nil else { throw UsageError("cluster starts its own nodes: it has no --url") }
        self.options = options
    }

    func run() throws {
        var rows: [ClusterRow] = []
        for adapter in options.adapter.map({ [$0] }) ?? ClusterAdapter.allCases {
            for inFlight in options.inFlight.isEmpty ? [1, 16] : options.inFlight {
                rows.append(try measure(adapter, inFlight: inFlight))
            }
        }
        print(options.json ? try JSONText.encode(rows) : ClusterRow.table(rows).text)
    }

    private func measure(_ adapter: ClusterAdapter, inFlight: Int) throws -> ClusterRow {
        let speaker = try node(adapter)
        let audience = try node(adapter)
        defer {
            speaker.stop()
            audience.stop()
        }
        var plan = LoadPlan(work: .broadcast)
        plan.speaker = speaker.target.address
        plan.payload = options.payload
        plan.inFlight = inFlight
        plan.connections = options.connections ?? 100
        plan.extent = .time(warmUp: 0.3, seconds: options.seconds ?? 2)
        var (heard, said): ([LoadResult], [LoadResult]) = ([], [])
        for _ in 0..<(options.rounds ?? 3) {
            heard.append(try audience.measure(plan))
            said.append(try audience.measure(plan, watching: speaker))
        }
        return ClusterRow(adapter, plan, heard: heard, said: said)
    }

    private func node(_ adapter: ClusterAdapter) throws -> Subject {
        try .server(
            loops: options.loops ?? 1, with: ["--adapter", adapter.rawValue, "--redis", options.redis])
    }
}
