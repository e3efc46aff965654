/// One member of a room speaks, and all members are to hear it, itself included; or one has an event sent to all streams, which
/// it hears acknowledged.
final class BroadcastLoad: LaneLoad {
    /// The room that the members are in.
    static let room = "members"

    let lanes: [Lane]
    private let timeline: Timeline
    private let plan: LoadPlan
    private let meter: Meter
    /// How many members have yet to hear each broadcast that is under way.
    private var missing: [Int]
    /// Where `missing` has the next broadcast.
    private var next = 0
    /// Broadcasts that all have heard in this turn.
    private var completed = 0
    private var unasked: Int
    private(set) var outstanding = 0

    init(_ plan: LoadPlan, _ connections: [Connection], _ epoll: Epoll, _ meter: Meter) throws {
        self.plan = plan
        self.meter = meter
        let timeline = Timeline(slots: plan.slots)
        let exchange = Exchange(plan, connection: 0)
        let (requests, replies) = (exchange.requestRing, exchange.replyRing)
        lanes = try connections.enumerated().map { index, connection in
            let isStream = plan.work == .events && index > 0
            return try Lane(
                connection, on: epoll, token: index, sends: requests, expects: isStream ? exchange.eventRing : replies,
                timeline)
        }
        self.timeline = timeline
        missing = Array(repeating: 0, count: timeline.slots)
        switch plan.extent {
        case .messages(let count): unasked = count
        case .time: unasked = .max
        }
    }

    func begin() throws(LoadFailure) {
        try ask(plan.inFlight)
    }

    func answered(_ count: Int, on lane: Int) throws(LoadFailure) {
        var slot = lanes[lane].slot
        for _ in 0..<count {
            slot = slot == 0 ? missing.count &- 1 : slot &- 1
            missing[slot] &-= 1
            if missing[slot] == 0 { completed &+= 1 }
        }
    }

    func turnEnds(at now: UInt64) throws(LoadFailure) {
        outstanding -= completed
        let count = completed
        completed = 0
        switch plan.pace {
        case .eager, .steady: try ask(count)
        case .lockstep: if outstanding == 0 { try ask(plan.inFlight) }
        }
        if unasked == 0, outstanding == 0 { meter.finish() }
    }

    func stop() {
        unasked = 0
    }

    func waitLimit(at now: UInt64) -> CInt { plan.looksWithoutSleep ? 0 : 100 }

    private func ask(_ count: Int) throws(LoadFailure) {
        let count = min(count, unasked)
        guard count > 0 else { return }
        unasked &-= count
        outstanding &+= count
        for _ in 0..<count {
            missing[next] = lanes.count
            next = next &+ 1 == missing.count ? 0 : next &+ 1
        }
        timeline.ask(count, at: Clock.now)
        try lanes[0].ask(count)
    }
}
