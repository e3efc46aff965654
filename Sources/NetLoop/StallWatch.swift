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

    /// - Parameter maxIdlePeriods: After how many periods without progress the peer is given up.
    init(period: Duration, maxIdlePeriods: Int) {
        self.period = period
        self.maxIdlePeriods = maxIdlePeriods
    }

    /// A peer that takes nothing is given up after `time`, at most a quarter of that late.
    init(givingUpAfter time: Duration) {
        self.init(period: max(time / 4, .milliseconds(1)), maxIdlePeriods: 4)
    }

    /// Of a connection that ends: its peer may take so long to close it, and many times as long to take what is left.
    init(endingWithin limit: Duration) {
        self.init(period: limit, maxIdlePeriods: 15)
    }

    /// What waits was not offered to the peer: the next look finds no fault with it.
    mutating func postpone() {
        taken = .min
    }

    /// A look: whether the peer, which has `taken` so much by now, is waited for once more.
    mutating func waits(taken: Int) -> Bool {
        timer = nil
        idlePeriods = taken > self.taken ? 0 : idlePeriods + 1
        self.taken = taken
        return idlePeriods < maxIdlePeriods
    }
}
