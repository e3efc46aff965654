/// Limits how often a person does something, and how often all do together who come from one network: names are free.
///
/// What either of the two may not have costs neither of them anything.
struct GuestLimiter: Sendable {
    private var ofPerson: Limiter<Name>
    private var ofNetwork: Limiter<Network>

    /// - Parameter network: A network may have what so many people may have.
    init(_ person: Allowance, network people: Int = Limits.peoplePerNetwork) {
        self.init(person, network: Allowance(atOnce: person.atOnce * people, every: person.every / people))
    }

    init(_ person: Allowance, network: Allowance) {
        ofPerson = Limiter(person)
        ofNetwork = Limiter(network)
    }

    mutating func take(_ units: Int = 1, of guest: ChatState.Guest, at now: ContinuousClock.Instant) -> Duration? {
        ofPerson.wait(for: units, of: guest.person, at: now)
            ?? ofNetwork.take(units, of: guest.network, at: now)
            ?? ofPerson.take(units, of: guest.person, at: now)
    }
}
