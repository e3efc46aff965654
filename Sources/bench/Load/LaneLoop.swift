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

    /// How long the server may be silent while it has something to answer.
    private static let patience: UInt64 = 10_000_000_000

    init(_ meter: Meter) throws {
        epoll = try Epoll()
        self.meter = meter
    }

    /// Runs `load` until the meter has its result and the last reply has come.
    func run(_ load: some LaneLoad) throws {
        let lanes = load.lanes
        meter.start()
        try load.begin()
        var lastReply = Clock.now
        while meter.result == nil || load.outstanding > 0 {
            let before = load.outstanding
            try turn(load, lanes, milliseconds: load.waitLimit(at: Clock.now))
            let now = Clock.now
            try load.turnEnds(at: now)
            meter.advance(to: now)
            if meter.result != nil { load.stop() }
            if load.outstanding != before || before == 0 { lastReply = now }
            guard now &- lastReply < Self.patience else {
                throw LoadFailure("\(load.outstanding) messages are not answered, and the server has fallen silent")
            }
        }
        // A reply too many may be on its way.
        try turn(load, lanes, milliseconds: 10)
    }

    @inline(__always)
    private func turn(_ load: some LaneLoad, _ lanes: [Lane], milliseconds: CInt) throws(LoadFailure) {
        for index in 0..<epoll.wait(milliseconds: milliseconds) {
            let event = epoll.event(at: index)
            let lane = lanes[event.token]
            if event.isWritable { try lane.send() }
            let replies = try lane.receive(into: buffer, meter: meter)
            if replies > 0 { try load.answered(replies, on: event.token) }
        }
    }
}
