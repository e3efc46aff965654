extension Summary {
    /// For a terminal.
    var text: String {
        let parts = [title, "", work == .idle ? idleTable.text : loadTable.text] + relationLines
        return (parts + notes).joined(separator: "\n") + "\n"
    }

    /// What a reader has to know before believing the figures.
    var notes: [String] {
        let load = "other processes used up to \(Figure.percent(otherLoad)) of a core"
        return (limits + (otherLoad >= 0.1 ? [load] : [])).map { "note: \($0)" }
    }

    private var loadTable: Table {
        var table = Table([
            "", "\(work.units)/s", "server µs/\(work.unit)", "generator µs", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs",
            "bytes/connection",
        ])
        for server in servers {
            table.add([
                server.name, text(server.messagesPerSecond, 0), text(server.serverCPU, 3), text(server.generatorCPU, 3),
                text(server.p50, 0), text(server.p90, 0), text(server.p99, 0), text(server.p999, 0), memory(server),
            ])
        }
        return table
    }

    private var idleTable: Table {
        var table = Table(["", "bytes/connection", "server, % of a core", "heartbeats"])
        for server in servers {
            table.add([
                server.name, memory(server), text(server.serverBusy?.scaled(by: 100), 2),
                Figure.text(Double(server.heartbeats), 0),
            ])
        }
        return table
    }

    private var relationLines: [String] {
        relations.map { relation in
            "\(servers[0].name) / \(relation.other): \(relation.ratio.text(3)), "
                + "difference \(relation.difference.text(3)) µs"
        }
    }

    private var title: String {
        var parts = ["\(Figure.text(Double(connections), 0)) connections"]
        switch work {
        case .echo, .ack, .joinLeave, .polling, .broadcast, .events: parts.append("\(inFlight) in flight")
        case .connect, .idle: break
        }
        switch work {
        case .echo, .ack, .polling, .broadcast, .events:
            let size = payload.handler == .typed ? "about 200" : Figure.text(Double(payload.bytes), 0)
            parts.append("\(size) bytes (\(payload.kind), \(payload.handler) handler)")
        case .connect, .idle, .joinLeave: break
        }
        if rooms > 0 { parts.append("\(rooms) room\(rooms == 1 ? "" : "s") each") }
        parts.append("\(loops) loop\(loops == 1 ? "" : "s")")
        let basis = rounds == 1 ? "one round" : "medians of \(rounds) rounds (lowest–highest)"
        return "\(work.rawValue): \(parts.joined(separator: ", ")); \(basis)"
    }

    private func text(_ spread: Spread?, _ digits: Int) -> String { spread?.text(digits) ?? "" }

    private func memory(_ server: Server) -> String {
        server.bytesPerConnection.map { Figure.text($0, 0) } ?? ""
    }
}

extension Work {
    /// What is counted.
    var unit: String {
        switch self {
        case .echo, .ack, .polling: "message"
        case .joinLeave: "join+leave"
        case .broadcast, .events: "delivery"
        case .connect: "connection"
        case .idle: "heartbeat"
        }
    }

    /// Of several.
    var units: String {
        switch self {
        case .echo, .ack, .polling, .connect, .idle, .joinLeave: unit + "s"
        case .broadcast, .events: "deliveries"
        }
    }
}
