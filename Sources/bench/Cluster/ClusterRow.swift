/// What two nodes come to; times are in microseconds.
struct ClusterRow: Codable {
    var adapter: ClusterAdapter
    var inFlight: Int
    /// Clients of the node that hears.
    var audience: Int
    var broadcastsPerSecond: Spread?
    /// CPU of the node that hears, for each of its clients and broadcast.
    var deliveryCPU: Spread?
    /// CPU of the node that sends, for each broadcast.
    var broadcastCPU: Spread?
    var p50: Spread?
    var p99: Spread?

    /// - Parameters:
    ///   - heard: Rounds with the node watched whose clients hear.
    ///   - said: Rounds with the node watched whose client speaks, and hears itself.
    init(_ adapter: ClusterAdapter, _ plan: LoadPlan, heard: [LoadResult], said: [LoadResult]) {
        self.adapter = adapter
        inFlight = plan.inFlight
        audience = plan.connections
        // Who speaks is a member, too.
        let members = Double(plan.connections + 1)
        broadcastsPerSecond = Spread((heard + said).map { $0.rate / members })
        let ofAudience = members / Double(plan.connections)
        deliveryCPU = Spread(heard.compactMap(\.serverCPUPerMessage))?.scaled(by: ofAudience * 1e6)
        broadcastCPU = Spread(said.compactMap(\.serverCPUPerMessage))?.scaled(by: members * 1e6)
        p50 = Spread((heard + said).map(\.latency.p50))?.scaled(by: 1e6)
        p99 = Spread((heard + said).map(\.latency.p99))?.scaled(by: 1e6)
    }

    static func table(_ rows: [ClusterRow]) -> Table {
        var table = Table([
            "adapter", "in flight", "audience", "broadcasts per second", "µs for each who hears", "µs for a broadcast",
            "p50, µs", "p99, µs",
        ])
        for row in rows {
            table.add([
                row.adapter.rawValue, "\(row.inFlight)", "\(row.audience)", row.broadcastsPerSecond?.text(0) ?? "",
                row.deliveryCPU?.text(3) ?? "", row.broadcastCPU?.text(2) ?? "", row.p50?.text(0) ?? "",
                row.p99?.text(0) ?? "",
            ])
        }
        return table
    }
}
