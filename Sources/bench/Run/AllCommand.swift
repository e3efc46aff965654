import NetLoop

/// `bench all`: the table of the article Figures, as Markdown.
struct AllCommand {
    private let options: Options
    private let rows: [Row]

    init(_ options: Options) {
        var rows = Self.rows
        if options.compresses { rows += Self.compressedRows }
        if options.hasEvents { rows += Self.eventRows }
        if options.isVersion2 { rows += Self.version2Rows }
        self.rows = rows
        // Of these rows alone.
        var options = options
        options.compresses = false
        options.isVersion2 = false
        self.options = options
    }

    /// What the rows are called.
    var labels: [String] { rows.map(\.label) }

    /// A line of the table.
    private struct Row: Sendable {
        let label: String
        let work: Work
        let inFlight: Int
        var adjust: @Sendable (inout Options) -> Void = { _ in }
    }

    private static let rows = [
        Row(label: "echo of a `String`, 1 in flight", work: .echo, inFlight: 1),
        Row(label: "the same, 16 in flight", work: .echo, inFlight: 16),
        Row(label: "the same, async handler", work: .echo, inFlight: 16) { $0.payload.handler = .async },
        Row(label: "the same, two loops", work: .echo, inFlight: 16) { $0.loops = 2 },
        Row(label: "echo of a `Codable` struct, 16 in flight", work: .echo, inFlight: 16) {
            $0.payload = Payload(kind: .object, handler: .typed)
        },
        Row(label: "echo of 1 MB of bytes, 4 connections", work: .echo, inFlight: 1) {
            $0.payload = Payload(kind: .binary, bytes: 1_000_000)
            $0.connections = 4
        },
        Row(label: "acknowledgement, 1 in flight", work: .ack, inFlight: 1),
        Row(label: "the same, 16 in flight", work: .ack, inFlight: 16),
        Row(label: "broadcast to 1,000, each delivery, 1 in flight", work: .broadcast, inFlight: 1),
        Row(label: "the same, 16 in flight", work: .broadcast, inFlight: 16),
        Row(label: "echo over long-polling, 1 in flight", work: .polling, inFlight: 1),
        Row(label: "join a room and leave it, 16 in flight", work: .joinLeave, inFlight: 16),
        Row(label: "connect and close, 16 at once", work: .connect, inFlight: 1),
        Row(label: "echo of a `String`, 1 in flight, half of the maximum rate", work: .echo, inFlight: 1) {
            $0.rate = .half
        },
    ]

    // What else can be asked for.

    private static let compressedRows = [
        Row(label: "echo of 4 KB of text, compressed, 1 in flight", work: .echo, inFlight: 1, adjust: compress),
        Row(label: "the same to a room of 1,000, each delivery", work: .broadcast, inFlight: 1, adjust: compress),
    ]

    private static let eventRows = [
        Row(label: "a server-sent event to 1,000, each delivery", work: .events, inFlight: 1)
    ]

    private static let version2Rows = [
        Row(label: "echo of a `String`, clients of Socket.IO 2, 1 in flight", work: .echo, inFlight: 1) {
            $0.isVersion2 = true
        }
    ]

    private static func compress(_ options: inout Options) {
        options.compresses = true
        options.payload.bytes = 4_000
    }

    func run() throws {
        print("\(Machine.description), \(Machine.today). `\(command)`\n")
        var table = Table(["work", "per second", "server CPU, µs", "floor, µs", "ratio", "p50, µs", "p99, µs"])
        var limits: [String] = []
        var otherLoad = 0.0
        for row in rows {
            StandardError.write(line: row.label)
            let summary = try summary(row)
            table.add(cells(row, summary))
            limits += summary.limits.map { "note: \(row.label): \($0)" }
            otherLoad = max(otherLoad, summary.otherLoad)
        }
        print(table.markdown + "\n")
        try printIdle()
        StandardError.write(line: "client")
        print(try ClientCommand(options).measure().markdown + "\n")
        for limit in limits { print(limit) }
        if otherLoad >= 0.1 { print("note: other processes used up to \(Figure.percent(otherLoad)) of a core") }
    }

    private var command: String {
        (["bench"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    }

    private func summary(_ row: Row) throws -> Summary {
        var options = options
        row.adjust(&options)
        return try Comparison(Trials(options).make(row.work, inFlight: row.inFlight), options).summary
    }

    private func cells(_ row: Row, _ summary: Summary) -> [String] {
        let server = summary.servers[0]
        let floor = summary.servers.first { $0.name == Trials.floor }
        let ratio = summary.relations.first { $0.other == Trials.floor }?.ratio
        return [
            row.label, server.messagesPerSecond?.text(0) ?? "", server.serverCPU?.text(3) ?? "",
            floor?.serverCPU?.text(3) ?? "", ratio?.text(2) ?? "", server.p50?.text(0) ?? "", server.p99?.text(0) ?? "",
        ]
    }

    private func printIdle() throws {
        var options = options
        options.rooms = 10
        // As long as a heartbeat takes, whatever the others are given.
        options.seconds = nil
        StandardError.write(line: "idle connections")
        let servers = try Comparison(Trials(options).make(.idle, inFlight: 1), options).summary.servers
        guard servers.count == 2, let with = servers[0].bytesPerConnection, let without = servers[1].bytesPerConnection
        else { return }
        var table = Table(["idle WebSocket connections", "10,000"])
        table.add(["bytes of each", Figure.text(without, 0)])
        table.add(["bytes of each room that it is in", Figure.text((with - without) / Double(options.rooms), 0)])
        table.add(["server CPU under the default heartbeat, % of a core", busy(servers[1])])
        print(table.markdown + "\n")
    }

    private func busy(_ server: Summary.Server) -> String {
        server.serverBusy.map { Figure.text($0.median * 100, 2) } ?? ""
    }
}
