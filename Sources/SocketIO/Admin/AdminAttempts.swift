internal import SocketIOWire

/// How often somebody may try to log in: for one network, and for all together, since whoever guesses opens as many
/// connections as they like.
///
/// All that is kept of a network is when its debt is paid off: each attempt adds to it, and it may not grow over what may be
/// had at once.
struct AdminAttempts {
    typealias Instant = ContinuousClock.Instant

    private struct Allowance {
        let atOnce: Int
        let every: Duration

        /// When a debt will be paid off with one more attempt in it; nil if it is too large for that.
        func payOff(_ debt: Instant?, now: Instant) -> Instant? {
            let next = max(debt ?? now, now).advanced(by: every)
            return next <= now.advanced(by: every * max(atOnce, 1)) ? next : nil
        }
    }

    private let ofNetwork: Allowance
    private let ofAll: Allowance
    private var debts: [PeerNetwork: Instant] = [:]
    private var debtOfAll: Instant?

    init(_ limits: AdminConfiguration.Limits) {
        let time = max(limits.attemptTime, .milliseconds(1)).bounded
        ofNetwork = Allowance(atOnce: limits.attempts, every: time)
        ofAll = Allowance(atOnce: limits.attemptsOfAll, every: time / 10)
    }

    /// How many networks have debts, or had them when it last looked: no more than all together may have attempts.
    var count: Int { debts.count }

    /// Counts an attempt, right or wrong; false if there were too many.
    mutating func take(from network: PeerNetwork, now: Instant) -> Bool {
        // The network first, so that one that has no more attempts takes none from all.
        guard let debt = ofNetwork.payOff(debts[network], now: now), let all = ofAll.payOff(debtOfAll, now: now)
        else { return false }
        debts = debts.filter { $0.value > now }
        debts[network] = debt
        debtOfAll = all
        return true
    }
}
