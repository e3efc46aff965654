/// Whether a peer takes anything of what it has still to take: looked at from time to time.
struct StallWatch {
    /// Between two looks.
    let period: Duration
    /// Of the next look.
    var timer: TimerID?
    /// What the peer had still to take at the last look.
    private var unsent = Int.max
    /// How many looks in a row found no less than the one before.
    private var idlePeriods = 0
    private let maxIdlePeriods: Int

    /// - Parameter maxIdlePeriods: After how many periods without progress the peer is given up.
    init(period: Duration, maxIdlePeriods: Int) {
        self.period = period
        self.maxIdlePeriods = maxIdlePeriods
    }

    /// Of a connection that ends: its peer may take so long to close it, and many times as long to take what is left.
    init(endingWithin limit: Duration) {
        self.init(period: limit, maxIdlePeriods: 15)
    }

    /// A look: whether the peer, which has still to take `unsent` bytes, is waited for once more.
    mutating func waitsOn(unsent: Int) -> Bool {
        timer = nil
        idlePeriods = unsent < self.unsent ? 0 : idlePeriods + 1
        self.unsent = unsent
        return unsent > 0 && idlePeriods < maxIdlePeriods
    }
}
