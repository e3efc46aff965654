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
    ///
    /// More than all at once costs all at once: it would have to wait for ever.
    mutating func take(_ units: Int = 1, of payer: Payer, at now: Instant) -> Duration? {
        if let wait = wait(for: units, of: payer, at: now) { return wait }
        paidOff[payer] = debt(of: payer, with: units, at: now)
        return nil
    }

    /// How long `payer` has to wait before it can take `units`; nil if it need not.
    mutating func wait(for units: Int, of payer: Payer, at now: Instant) -> Duration? {
        sweep(at: now)
        let excess = now.duration(to: debt(of: payer, with: units, at: now)) - span
        guard excess <= .zero else { return excess }
        guard paidOff[payer] != nil || paidOff.count < places else { return nextSweep.map { now.duration(to: $0) } }
        return nil
    }

    /// When it will be paid off, if `units` come to it now.
    private func debt(of payer: Payer, with units: Int, at now: Instant) -> Instant {
        let debt = paidOff[payer].map { max($0, now) } ?? now
        return debt.advanced(by: allowance.every * min(units, allowance.atOnce))
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
