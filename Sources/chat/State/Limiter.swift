/// How much one payer may have: some at once, then one more each so often.
struct Allowance: Sendable {
    let atOnce: Int
    let every: Duration
}

/// Limits how often something is done, for each payer and whatever number of connections it pays from.
///
/// All that is kept of a payer is when its debt is paid off: each unit adds `every`, and the debt may not grow over
/// `atOnce` of them. Who has no debt is forgotten.
struct Limiter<Payer: Hashable & Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    private let allowance: Allowance
    private let places: Int
    private var paidOff: [Payer: Instant] = [:]
    private var nextSweep: Instant?

    /// - Parameter places: How many payers may have debts; newcomers beyond that wait.
    init(_ allowance: Allowance, places: Int = 10_000) {
        self.allowance = allowance
        self.places = places
    }

    /// How many have debts, or had them when it last looked.
    var count: Int { paidOff.count }

    /// Takes `units` from what `payer` may have; if that is too much, takes nothing and returns how long to wait.
    mutating func take(_ units: Int = 1, of payer: Payer, at now: Instant) -> Duration? {
        sweep(at: now)
        let debt = paidOff[payer].map { max($0, now) } ?? now
        let new = debt.advanced(by: allowance.every * units)
        let excess = now.duration(to: new) - span
        guard excess <= .zero else { return excess }
        guard paidOff[payer] != nil || paidOff.count < places else { return nextSweep.map { now.duration(to: $0) } }
        paidOff[payer] = new
        return nil
    }

    /// After so long everybody may have all at once again.
    private var span: Duration { allowance.every * allowance.atOnce }

    /// Once in a `span`: then what is looked at was taken since the time before.
    private mutating func sweep(at now: Instant) {
        guard let due = nextSweep, now < due else {
            paidOff = paidOff.filter { $0.value > now }
            nextSweep = now.advanced(by: span)
            return
        }
    }
}
