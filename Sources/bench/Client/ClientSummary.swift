/// What the measurements of client processes come to.
struct ClientSummary: Codable {
    var bytes: Int
    var rounds: Int
    var rows: [Row]
    /// How much the client's process grows with each further socket that is connected.
    var bytesPerIdleSocket: Double?
    /// How many sockets that was measured with.
    var idleSockets: Int
    /// How many CPUs other processes kept busy, at the worst.
    var otherLoad: Double

    /// Times are in microseconds.
    struct Row: Codable {
        var work: ClientPlan.Work
        var sockets: Int
        var inFlight: Int
        var messagesPerSecond: Spread?
        var clientCPU: Spread?
        var serverCPU: Spread?

        init(_ plan: ClientPlan, _ rounds: [LoadResult]) {
            work = plan.work
            sockets = plan.sockets
            inFlight = plan.inFlight
            messagesPerSecond = Spread(rounds.map(\.rate))
            clientCPU = Spread(rounds.compactMap(\.generatorCPUPerMessage))?.scaled(by: 1e6)
            serverCPU = Spread(rounds.compactMap(\.serverCPUPerMessage))?.scaled(by: 1e6)
        }
    }

    /// For a terminal.
    var text: String { ([title, "", table.text, ""] + notes).joined(separator: "\n") + "\n" }

    /// For a page.
    var markdown: String { ([table.markdown, ""] + notes).joined(separator: "\n") }

    private var title: String {
        let basis = rounds == 1 ? "one round" : "medians of \(rounds) rounds (lowest–highest)"
        return "client: one process, one connection for each socket, \(bytes) bytes (string); \(basis)"
    }

    private var table: Table {
        var table = Table(["client sockets, in flight", "messages/s", "client µs/message", "server µs/message"])
        for row in rows {
            table.add([
                "\(row.work.rawValue), \(Figure.text(Double(row.sockets), 0)), \(row.inFlight)",
                row.messagesPerSecond?.text(0) ?? "", row.clientCPU?.text(2) ?? "", row.serverCPU?.text(2) ?? "",
            ])
        }
        return table
    }

    private var notes: [String] {
        var notes: [String] = []
        if let bytes = bytesPerIdleSocket {
            notes.append(
                "an idle client socket with its manager and connection: \(Figure.text(bytes, 0)) bytes (resident "
                    + "memory with \(Figure.text(Double(idleSockets), 0)) more of them)")
        }
        if otherLoad >= 0.1 { notes.append("note: other processes used up to \(Figure.percent(otherLoad)) of a core") }
        return notes
    }
}
