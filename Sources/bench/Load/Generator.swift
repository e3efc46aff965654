import Glibc

/// The load generator: a process of its own, so that the server's CPU time is the server's alone.
///
/// One thread, whose messages are framed and masked before the load begins. Latency is measured here, from just before
/// the `send` that carries a request (or from when it was due, at a steady pace) to just after the `recv` that carries
/// the end of its reply: the kernel's part of both ways is in it, and the wait for the generator to get to a reply.
struct Generator {
    private let plan: LoadPlan
    private let server: ProcessUsage?
    private let meter: Meter

    private typealias MakeLoad<Load> = (LoadPlan, [Connection], Epoll, Meter) throws -> Load

    /// Requests that are sent before those that are counted.
    private static let warmUp = 64

    /// Runs `plan` and returns what was measured.
    static func run(_ plan: LoadPlan) throws -> LoadResult {
        Host.raiseDescriptorLimit()
        return try Generator(plan).run()
    }

    private init(_ plan: LoadPlan) throws {
        self.plan = plan
        server = try plan.target.process.map { id throws(LoadFailure) in try ProcessUsage(of: id) }
        meter = Meter(plan.extent, server: server)
    }

    private func run() throws -> LoadResult {
        let grown: Int?
        switch plan.work {
        case .echo, .ack, .joinLeave: grown = try runLanes(EchoLoad.init)
        case .broadcast, .events: grown = try runLanes(BroadcastLoad.init)
        case .idle: grown = try runLanes(IdleLoad.init)
        case .connect:
            grown = nil
            try ConnectLoad(plan, meter: meter).run()
        case .polling:
            let load = try PollingLoad(plan, meter: meter)
            grown = try growth { try load.open() }
            try load.run()
        }
        guard var result = meter.result else { throw LoadFailure("the load ended before its time") }
        result.bytesPerConnection = grown.map { Double($0) / Double(plan.connections) }
        return result
    }

    /// Opens the connections and runs a load on them; returns how much the server's memory grew by the first.
    private func runLanes<Load: LaneLoad>(_ makeLoad: MakeLoad<Load>) throws -> Int? {
        let rooms = plan.work == .broadcast ? [BroadcastLoad.room] : (0..<plan.rooms).map { "room \($0)" }
        let connector = Connector(plan, rooms: rooms)
        // What the server sets up for its first connection is not part of each.
        _ = try connector.open(1)
        var connections = try speaker(in: rooms)
        let grown = try growth { connections += try connector.open(plan.connections) }
        // Another node knows of their rooms a moment later.
        if plan.speaker != nil { usleep(300_000) }
        switch plan.extent {
        case .time: try run(plan, makeLoad, connections, meter)
        case .messages:
            // What the server does for its first messages only is not counted.
            var warmUp = plan
            warmUp.extent = .messages(Self.warmUp)
            try run(warmUp, makeLoad, connections, Meter(warmUp.extent, server: nil))
            let marker = try Marker(Connector(plan, rooms: []).open(1)[0], patience: plan.patience)
            try marker.mark()
            try run(plan, makeLoad, connections, meter)
            try marker.mark()
        }
        return grown
    }

    /// The connection to another node, if one of that is to speak.
    private func speaker(in rooms: [String]) throws -> [Connection] {
        guard let address = plan.speaker else { return [] }
        var plan = plan
        plan.target.address = address
        return try Connector(plan, rooms: rooms).open(1)
    }

    private func run<Load: LaneLoad>(
        _ plan: LoadPlan, _ makeLoad: MakeLoad<Load>, _ connections: [Connection], _ meter: Meter
    ) throws {
        let loop = try LaneLoop(plan, meter)
        try loop.run(makeLoad(plan, connections, loop.epoll, meter))
    }

    /// How much the server's memory grows while `body` runs.
    private func growth(_ body: () throws -> Void) throws -> Int? {
        let before = server?.residentBytes
        try body()
        guard let before, let after = server?.residentBytes else { return nil }
        return after - before
    }
}
