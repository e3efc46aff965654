/// When the requests were sent that are under way: those of one connection, or broadcasts that many wait for.
final class Timeline {
    private var times: [UInt64]
    private var next = 0
    /// How many requests there have been.
    private(set) var asked = 0

    init(slots: Int) {
        times = Array(repeating: 0, count: slots)
    }

    var slots: Int { times.count }

    /// The next `count` requests are sent, or were due, at `time`.
    func ask(_ count: Int, at time: UInt64) {
        var slot = next
        var span = times.mutableSpan
        for _ in 0..<count {
            span[slot] = time
            slot = slot &+ 1 == span.count ? 0 : slot &+ 1
        }
        next = slot
        asked &+= count
    }

    /// Tells `meter` that the requests in the next `count` slots have their replies, and moves on behind them.
    func answer(_ count: Int, from slot: inout Int, at now: UInt64, meter: Meter) {
        let times = times
        var rest = count
        while rest > 0 {
            // What was sent at once mostly comes back at once.
            let time = times[slot]
            var alike = 0
            repeat {
                alike &+= 1
                slot = slot &+ 1 == times.count ? 0 : slot &+ 1
            } while alike < rest && times[slot] == time
            meter.record(alike, latency: now &- time)
            rest &-= alike
        }
    }
}
