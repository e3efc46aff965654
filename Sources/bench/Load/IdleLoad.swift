/// Connections that do nothing but answer heartbeats.
final class IdleLoad: LaneLoad {
    let lanes: [Lane]
    let outstanding = 0

    init(_ plan: LoadPlan, _ connections: [Connection], _ epoll: Epoll, _: Meter) throws {
        let exchange = Exchange(plan, connection: 0)
        let (requests, replies) = (exchange.requestRing, exchange.replyRing)
        // Nobody asks, so that any reply is one too many.
        let timeline = Timeline(slots: plan.slots)
        lanes = try connections.enumerated().map { index, connection in
            try Lane(connection, on: epoll, token: index, sends: requests, expects: replies, timeline)
        }
    }

    func begin() {}
    func answered(_ count: Int, on lane: Int) {}
    func turnEnds(at now: UInt64) {}
    func stop() {}
    func waitLimit(at now: UInt64) -> CInt { 100 }
}
