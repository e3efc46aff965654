/// What the lanes are for: decides what is sent, and when.
protocol LaneLoad: AnyObject {
    var lanes: [Lane] { get }
    /// Requests that are under way.
    var outstanding: Int { get }

    /// Sends the first requests.
    func begin() throws(LoadFailure)
    /// `count` replies have come on a lane.
    func answered(_ count: Int, on lane: Int) throws(LoadFailure)
    /// All that had arrived has been looked at.
    func turnEnds(at now: UInt64) throws(LoadFailure)
    /// Sends no more from now on.
    func stop()
    /// How many milliseconds the loop may sleep.
    func waitLimit(at now: UInt64) -> CInt
}

/// Waits for the lanes, reads them and sees to it that nothing is lost.
struct LaneLoop {
    let epoll: Epoll
    private let buffer = ReceiveBuffer()
    private let meter: Meter

    /// Nanoseconds between two looks in vain: the server must not wait for the lock of a list that is looked at all the
    /// time.
    private static let rest: UInt64 = 5_000

    /// Nanoseconds that the server may be silent while it has something to answer.
    private let patience: UInt64

    init(_ plan: LoadPlan, _ meter: Meter) throws {
        epoll = try Epoll()
        patience = UInt64(plan.patience) * 1_000_000
        self.meter = meter
    }

    /// Runs `load` until the meter has its result and the last reply has come.
    func run(_ load: some LaneLoad) throws {
        let lanes = load.lanes
        meter.start()
        try load.begin()
        var lastReply = Clock.now
        while meter.result == nil || load.outstanding > 0 {
            let isAsked = load.outstanding > 0
            let begin = Clock.now
            let limit = load.waitLimit(at: begin)
            let (ready, replies) = try turn(load, lanes, milliseconds: limit)
            var now = Clock.now
            if ready == 0, limit == 0 {
                while now &- begin < Self.rest { now = Clock.now }
                meter.lookedInVain(for: now &- begin)
            }
            try load.turnEnds(at: now)
            meter.advance(to: now)
            if meter.result != nil { load.stop() }
            if replies > 0 || !isAsked { lastReply = now }
            guard now &- lastReply < patience else {
                throw LoadFailure("\(load.outstanding) messages are not answered, and the server has fallen silent")
            }
        }
        // A reply too many may be on its way.
        _ = try turn(load, lanes, milliseconds: 10)
    }

    /// Serves the lanes that are ready, and returns how many there were, and how many replies they had.
    @inline(__always)
    private func turn(
        _ load: some LaneLoad, _ lanes: [Lane], milliseconds: CInt
    ) throws(LoadFailure) -> (ready: Int, replies: Int) {
        let ready = epoll.wait(milliseconds: milliseconds)
        var allReplies = 0
        for index in 0..<ready {
            let event = epoll.event(at: index)
            let lane = lanes[event.token]
            if event.isWritable { try lane.send() }
            let replies = try lane.receive(into: buffer, meter: meter)
            if replies > 0 { try load.answered(replies, on: event.token) }
            allReplies &+= replies
        }
        return (ready, allReplies)
    }
}
