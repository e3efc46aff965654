/// Whether a peer takes anything of what it has still to take: looked at from time to time.
struct StallWatch {
    /// Between two looks.
    let period: Duration
    /// Of the next look.
    var timer: TimerID?
    /// What the peer had taken at the last look.
    private var taken = Int.min
    /// How many looks in a row found no more than the one before.
    private var idlePeriods = 0
    private let maxIdlePeriods: Int
    /// Bytes that the peer has to take in a period on average, besides that it may be idle for some; nil if anything is
    /// enough.
    private let leastBytes: Int?
    /// How many looks there are still to be, whatever the peer takes; not known before the first.
    private var looksLeft: Int?

    /// - Parameter maxIdlePeriods: After how many periods without progress the peer is given up.
    init(period: Duration, maxIdlePeriods: Int, leastBytes: Int? = nil) {
        self.period = period
        self.maxIdlePeriods = maxIdlePeriods
        self.leastBytes = leastBytes
    }

    /// A peer that takes nothing is given up after `time`, at most a quarter of that late.
    init(givingUpAfter time: Duration) {
        self.init(period: max(time / 4, .milliseconds(1)), maxIdlePeriods: 4)
    }

    /// Of a connection that ends: its peer may take so long to close it, and many times as long to take what is left, but
    /// not for ever: 1 KiB a second is the least.
    init(endingWithin limit: Duration) {
        let leastBytes = Int(min(max(limit / .seconds(1), 0.001), 1e9) * 1024)
        self.init(period: limit, maxIdlePeriods: Self.idleEndPeriods, leastBytes: leastBytes)
    }

    private static let idleEndPeriods = 15

    /// What waits was not offered to the peer: the next look finds no fault with it.
    mutating func postpone() {
        taken = .min
    }

    /// A look: whether the peer, which has `taken` so much by now and has still `unsent` to take, is waited for once more.
    mutating func waits(taken: Int, unsent: Int) -> Bool {
        timer = nil
        if let leastBytes {
            let left = looksLeft ?? maxIdlePeriods + unsent / max(leastBytes, 1)
            guard left > 0 else { return false }
            looksLeft = left - 1
        }
        idlePeriods = taken > self.taken ? 0 : idlePeriods + 1
        self.taken = taken
        return idlePeriods < maxIdlePeriods
    }
}
