/// Connections of which each asks and is answered on its own: echo, acknowledgements, joining and leaving.
final class EchoLoad: LaneLoad {
    let lanes: [Lane]
    private let timelines: [Timeline]
    private let plan: LoadPlan
    private let meter: Meter
    /// Requests that may still be sent.
    private var unasked: Int
    private(set) var outstanding = 0
    private var schedule: Schedule?

    init(_ plan: LoadPlan, _ connections: [Connection], _ epoll: Epoll, _ meter: Meter) throws {
        self.plan = plan
        self.meter = meter
        let timelines = connections.map { _ in Timeline(slots: plan.slots) }
        lanes = try connections.enumerated().map { index, connection in
            let exchange = Exchange(plan, connection: index)
            return try Lane(
                connection, on: epoll, token: index, sends: exchange.requestRing, expects: exchange.replyRing,
                timelines[index])
        }
        self.timelines = timelines
        switch plan.extent {
        case .messages(let count): unasked = count
        case .time: unasked = .max
        }
    }

    func begin() throws(LoadFailure) {
        switch plan.pace {
        case .eager, .lockstep:
            for lane in lanes.indices { try ask(plan.inFlight, on: lane, at: Clock.now) }
        case .steady(let rate):
            schedule = Schedule(interval: 1e9 * Double(plan.inFlight) / rate, start: Clock.now)
        }
    }

    func answered(_ count: Int, on lane: Int) throws(LoadFailure) {
        outstanding &-= count
        switch plan.pace {
        case .eager: try ask(count, on: lane, at: Clock.now)
        case .lockstep: if lanes[lane].outstanding == 0 { try ask(plan.inFlight, on: lane, at: Clock.now) }
        case .steady: break
        }
    }

    func turnEnds(at now: UInt64) throws(LoadFailure) {
        while let schedule, schedule.next <= now, unasked > 0 {
            let lane = schedule.count % lanes.count
            // The server is far behind: what is due waits, and its latency grows.
            guard lanes[lane].room >= plan.inFlight else { break }
            try ask(plan.inFlight, on: lane, at: schedule.next)
            self.schedule?.advance()
        }
        if unasked == 0, outstanding == 0 { meter.finish() }
    }

    func stop() {
        unasked = 0
    }

    func waitLimit(at now: UInt64) -> CInt {
        plan.looksWithoutSleep ? 0 : schedule?.waitLimit(at: now) ?? 100
    }

    @inline(__always)
    private func ask(_ count: Int, on lane: Int, at time: UInt64) throws(LoadFailure) {
        let count = min(count, unasked)
        guard count > 0 else { return }
        unasked &-= count
        outstanding &+= count
        timelines[lane].ask(count, at: time)
        try lanes[lane].ask(count)
    }
}

/// When the batches of a steady pace are due.
private struct Schedule {
    private let start: UInt64
    /// In nanoseconds.
    private let interval: Double
    private(set) var count = 0

    init(interval: Double, start: UInt64) {
        self.start = start
        self.interval = interval
    }

    var next: UInt64 { start &+ UInt64(Double(count) * interval) }

    mutating func advance() {
        count += 1
    }

    /// Milliseconds that may be slept. A sleep is not precise enough for the last of them, which is spent looking.
    func waitLimit(at now: UInt64) -> CInt {
        let due = next
        return due > now ? CInt(min((due - now) / 1_000_000, 100)) : 0
    }
}
