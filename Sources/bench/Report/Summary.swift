/// What a comparison comes to.
struct Summary: Codable {
    var work: Work
    var connections: Int
    var inFlight: Int
    var payload: Payload
    var rooms: Int
    var loops: Int
    var rounds: Int
    var servers: [Server]
    /// The first server's CPU per message over that of the last, round by round.
    var ratio: Spread?
    var notes: [String]

    /// Times are in microseconds.
    struct Server: Codable {
        var name: String
        var messagesPerSecond: Spread?
        var serverCPU: Spread?
        var generatorCPU: Spread?
        var p50: Spread?
        var p90: Spread?
        var p99: Spread?
        var p999: Spread?
        /// Of the first round, in which the server was new.
        var bytesPerConnection: Double?
    }
}

extension Comparison {
    var summary: Summary {
        Summary(
            work: plan.work, connections: plan.connections, inFlight: plan.inFlight, payload: plan.payload,
            rooms: plan.rooms, loops: loops, rounds: series[0].rounds.count, servers: series.map(server), ratio: ratio,
            notes: notes)
    }

    private func server(_ name: String, _ rounds: [LoadResult]) -> Summary.Server {
        Summary.Server(
            name: name, messagesPerSecond: Spread(rounds.map(\.rate)), serverCPU: cpu(rounds),
            generatorCPU: Spread(rounds.compactMap { $0.generatorCPUPerMessage.map { $0 * 1e6 } }),
            p50: Spread(rounds.map { $0.latency.p50 * 1e6 }), p90: Spread(rounds.map { $0.latency.p90 * 1e6 }),
            p99: Spread(rounds.map { $0.latency.p99 * 1e6 }), p999: Spread(rounds.map { $0.latency.p999 * 1e6 }),
            bytesPerConnection: rounds.first?.bytesPerConnection)
    }

    private func cpu(_ rounds: [LoadResult]) -> Spread? {
        Spread(rounds.compactMap { $0.serverCPUPerMessage.map { $0 * 1e6 } })
    }

    private var ratio: Spread? {
        guard series.count > 1, let first = series.first?.rounds, let last = series.last?.rounds else { return nil }
        return Spread(
            zip(first, last).compactMap { first, last in
                guard let cpu = first.serverCPUPerMessage, let floor = last.serverCPUPerMessage else { return nil }
                return cpu / floor
            })
    }

    /// What else could have been the limit.
    private var notes: [String] {
        var notes: [String] = []
        for (name, rounds) in series {
            let busy = rounds.map { $0.generatorCPU / $0.seconds }.max() ?? 0
            let server = rounds.map { ($0.serverCPU ?? 0) / $0.seconds / Double(loops) }.min() ?? 0
            if case .steady = plan.pace {
                // It looks for what is due all the time.
            } else if busy >= 0.95, server < 0.95 {
                notes.append("\(name): the load generator was the limit (\(percent(busy)) of a core)")
            }
            let other = rounds.map(\.otherLoad).max() ?? 0
            if other >= 0.1 { notes.append("\(name): other processes used up to \(percent(other)) of a core") }
        }
        return notes
    }

    private func percent(_ share: Double) -> String { Figure.text(share * 100, 0) + " %" }
}

extension Comparison {
    /// For a terminal.
    var text: String {
        let summary = summary
        var table = Table([
            "", "messages/s", "server CPU, µs each", "generator, µs", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs",
            "bytes/connection",
        ])
        for server in summary.servers {
            table.add([
                server.name, text(server.messagesPerSecond, 0), text(server.serverCPU, 3), text(server.generatorCPU, 3),
                text(server.p50, 0), text(server.p90, 0), text(server.p99, 0), text(server.p999, 0),
                server.bytesPerConnection.map { Figure.text($0, 0) } ?? "",
            ])
        }
        if let ratio = summary.ratio { table.add(["ratio", "", ratio.text(3)]) }
        return ([title(summary), "", table.text] + summary.notes.map { "note: \($0)" }).joined(separator: "\n") + "\n"
    }

    private func title(_ summary: Summary) -> String {
        let payload = summary.payload
        return "\(summary.work.rawValue): \(summary.connections) connections, \(summary.inFlight) in flight, "
            + "\(payload.bytes) bytes, \(payload.kind), \(payload.handler) handler, \(summary.rooms) rooms, "
            + "\(summary.loops) loop\(summary.loops == 1 ? "" : "s"); "
            + "medians of \(summary.rounds) rounds (lowest–highest)"
    }

    private func text(_ spread: Spread?, _ digits: Int) -> String { spread?.text(digits) ?? "" }
}
