/// The measured part of a run: begins after the warm-up, and samples what is used at both of its ends.
final class Meter {
    private enum Phase {
        case ready
        case warmingUp(until: UInt64)
        case measuring(from: Sample, until: UInt64?)
        case over(LoadResult)
    }

    private struct Sample {
        let time = Clock.now
        let server: UInt64?
        let generator = Clock.ownCPU
        let machine = MachineTime.now

        init(_ server: ProcessUsage?) {
            self.server = server?.cpu
        }
    }

    private let server: ProcessUsage?
    private let extent: LoadPlan.Extent
    private var phase = Phase.ready
    private var histogram = Histogram()
    /// Pings that have come.
    var heartbeats = 0
    /// How long there was nothing to do, in nanoseconds, for a generator that looks without sleep.
    private var inVain: UInt64 = 0

    init(_ extent: LoadPlan.Extent, server: ProcessUsage?) {
        self.server = server
        self.extent = extent
    }

    /// The load begins.
    func start() {
        switch extent {
        case .time(let warmUp, _): phase = .warmingUp(until: Clock.now &+ UInt64(warmUp * 1e9))
        case .messages: measure()
        }
    }

    /// What was measured; nil while it lasts.
    var result: LoadResult? {
        switch phase {
        case .ready, .warmingUp, .measuring: nil
        case .over(let result): result
        }
    }

    /// Messages came back.
    @inline(__always)
    func record(_ count: Int = 1, latency: UInt64) {
        histogram.record(latency, count)
    }

    /// There was nothing to do for so many nanoseconds, which were not slept.
    @inline(__always)
    func lookedInVain(for duration: UInt64) {
        inVain &+= duration
    }

    /// Goes on to the next part if it is time.
    @inline(__always)
    func advance(to now: UInt64) {
        switch phase {
        case .warmingUp(let end):
            if now >= end { measure() }
        case .measuring(let start, let end):
            if let end, now >= end { finish(since: start) }
        case .ready, .over: break
        }
    }

    /// The last message of a counted load is back.
    func finish() {
        if case .measuring(let start, _) = phase { finish(since: start) }
    }

    private func measure() {
        histogram = Histogram()
        heartbeats = 0
        inVain = 0
        let start = Sample(server)
        switch extent {
        case .time(_, let seconds): phase = .measuring(from: start, until: start.time &+ UInt64(seconds * 1e9))
        case .messages: phase = .measuring(from: start, until: nil)
        }
    }

    private func finish(since start: Sample) {
        let end = Sample(server)
        var result = LoadResult()
        result.messages = histogram.count
        result.heartbeats = heartbeats
        result.seconds = Double(end.time &- start.time) / 1e9
        let generator = Double(end.generator &- start.generator) / 1e9
        result.generatorCPU = max(0, generator - Double(inVain) / 1e9)
        if let first = start.server, let last = end.server { result.serverCPU = Double(last &- first) / 1e9 }
        if let first = start.machine, let last = end.machine {
            let ours = generator + (result.serverCPU ?? 0)
            result.otherLoad = max(0, last.busy - first.busy - ours) / result.seconds
        }
        result.latency = LoadResult.Latency(histogram)
        phase = .over(result)
    }
}
