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
    var relations: [Relation]
    /// How many CPUs other processes kept busy, at the worst.
    var otherLoad: Double
    /// What else limited the figures.
    var limits: [String]

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
        /// Of the whole window, of one core.
        var serverBusy: Spread?
        /// Of all rounds.
        var heartbeats: Int
        /// Of the first round, if the server was new then.
        var bytesPerConnection: Double?
    }

    /// The first server's CPU per message next to another's, round by round.
    struct Relation: Codable {
        var other: String
        var ratio: Spread
        /// In microseconds.
        var difference: Spread
    }
}

extension Comparison {
    var summary: Summary {
        let plan = trials[0].plan
        return Summary(
            work: plan.work, connections: plan.connections, inFlight: plan.inFlight, payload: plan.payload,
            rooms: plan.rooms, loops: trials[0].loops, rounds: rounds[0].count, servers: trials.indices.map(server),
            relations: zip(trials, rounds).dropFirst().compactMap(relation),
            otherLoad: rounds.joined().map(\.otherLoad).max() ?? 0, limits: limits)
    }

    private func server(_ index: Int) -> Summary.Server {
        let (trial, rounds) = (trials[index], rounds[index])
        let isNew = trial.plan.isEager && !trials[..<index].contains { $0.subject === trial.subject }
        return Summary.Server(
            name: trial.name, messagesPerSecond: Spread(rounds.map(\.rate)),
            serverCPU: Spread(rounds.compactMap(\.serverCPUPerMessage))?.scaled(by: 1e6),
            generatorCPU: Spread(rounds.compactMap(\.generatorCPUPerMessage))?.scaled(by: 1e6),
            p50: Spread(rounds.map(\.latency.p50))?.scaled(by: 1e6),
            p90: Spread(rounds.map(\.latency.p90))?.scaled(by: 1e6),
            p99: Spread(rounds.map(\.latency.p99))?.scaled(by: 1e6),
            p999: Spread(rounds.map(\.latency.p999))?.scaled(by: 1e6),
            serverBusy: Spread(rounds.compactMap(\.serverBusy)),
            heartbeats: rounds.map(\.heartbeats).reduce(0, +),
            bytesPerConnection: isNew ? rounds.first?.bytesPerConnection : nil)
    }

    private func relation(_ trial: Trial, _ others: [LoadResult]) -> Summary.Relation? {
        let pairs = zip(rounds[0], others).compactMap { mine, other in
            mine.serverCPUPerMessage.flatMap { mine in other.serverCPUPerMessage.map { (mine, $0) } }
        }
        guard let ratio = Spread(pairs.map { $0.0 / $0.1 }), let difference = Spread(pairs.map { $0.0 - $0.1 }) else {
            return nil
        }
        return Summary.Relation(other: trial.name, ratio: ratio, difference: difference.scaled(by: 1e6))
    }

    private var limits: [String] {
        var limits: [String] = []
        for (trial, rounds) in zip(trials, rounds) {
            let generator = rounds.map(\.generatorBusy).max() ?? 0
            let server = rounds.compactMap(\.serverBusy).min() ?? 0
            switch trial.plan.pace {
            case .eager, .lockstep:
                if generator >= 0.95, server < 0.95 * Double(trial.loops) {
                    limits.append(
                        "\(trial.name): the load generator was the limit (\(Figure.percent(generator)) of a core)")
                }
            case .steady(let rate):
                let slowest = (rounds.map(\.rate).min() ?? 0) / rate
                if slowest < 0.98 {
                    limits.append("\(trial.name): only \(Figure.percent(slowest)) of the pace was kept")
                }
            }
        }
        return limits
    }
}

extension LoadPlan {
    fileprivate var isEager: Bool {
        switch pace {
        case .eager, .lockstep: true
        case .steady: false
        }
    }
}
