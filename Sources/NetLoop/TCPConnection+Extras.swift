extension TCPConnection {
    /// What few connections have at a time: elsewhere, so that the others need no room for it.
    final class Extras {
        var tls: TLSEngine?
        var backlog: Backlog
        /// Of a connection that sends what is left, then ends.
        var ending: Ending?

        init(tls: TLSEngine? = nil, backlog: Backlog = Backlog()) {
            self.tls = tls
            self.backlog = backlog
        }

        var isEmpty: Bool { tls == nil && backlog.isEmpty && ending == nil }
    }

    /// How long a connection that ends has waited.
    struct Ending {
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
        mutating func waitsOn(unsent: Int) -> Bool {
            timer = nil
            idlePeriods = unsent < self.unsent ? 0 : idlePeriods + 1
            self.unsent = unsent
            return unsent > 0 && idlePeriods < Self.maxIdlePeriods
        }
    }
}
