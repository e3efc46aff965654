/// How long a connection that ends has waited for its peer.
final class ConnectionEnding {
    let limit: Duration
    var timer: TimerID?
    /// What the peer had still to take when the timer fired last.
    private var unsent = Int.max
    /// How often it has fired since the peer took something.
    private var idlePeriods = 0

    /// How many times as long as for its end the connection waits for a peer that takes nothing of what is left.
    private static let maxIdlePeriods = 15

    init(limit: Duration) {
        self.limit = limit
    }

    /// The timer fired. Whether the peer, which has still to take `unsent` bytes, is waited for once more.
    func waitsOn(unsent: Int) -> Bool {
        timer = nil
        idlePeriods = unsent < self.unsent ? 0 : idlePeriods + 1
        self.unsent = unsent
        return unsent > 0 && idlePeriods < Self.maxIdlePeriods
    }
}
