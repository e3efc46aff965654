internal import NetLoop
internal import SocketIOWire
internal import Synchronization

/// The rates of a server that listens, and what its clients' addresses have taken. One for all loops; no message takes its
/// lock.
final class RateMeters: Sendable {
    let rates: EngineIOServer.Rates
    private let epoch: EventLoop.Instant
    private let addresses: Mutex<AddressTable<AddressRates>>

    init(_ rates: EngineIOServer.Rates, since epoch: EventLoop.Instant = .now) {
        self.rates = rates
        self.epoch = epoch
        addresses = Mutex(AddressTable(limit: rates.addresses))
    }

    /// The time that all buckets are counted in.
    func time(of instant: EventLoop.Instant) -> RateLimit.Refill { CompactInstant(instant, since: epoch).nanoseconds }

    /// Whether another session of this address may begin.
    func takesHandshake(from address: String, at instant: EventLoop.Instant) -> Bool {
        guard let limit = rates.handshakesPerAddress?.limit else { return true }
        let network = PeerNetwork(of: address)
        let entry = addresses.withLock { $0.see(network, AddressRates.init) }
        return entry.handshakes.take(1, of: limit, now: time(of: instant))
    }

    /// A session begins; what its address has taken, where that matters. It has to leave.
    func enter(_ request: KeptRequest) -> AddressRates? {
        guard rates.areOfAddresses else { return nil }
        let network = PeerNetwork(of: request.address)
        return addresses.withLock { $0.enter(network, AddressRates.init) }
    }

    func leave(_ request: KeptRequest) {
        let network = PeerNetwork(of: request.address)
        // What is forgotten ends when the lock is free again.
        addresses.withLock { $0.leave(network) }
    }
}

/// What all clients of one address have taken. Any thread.
final class AddressRates: Sendable {
    let handshakes = SharedBucket()
    let events = SharedBucket()
    let bytes = SharedBucket()
}

/// A bucket that several loops take from.
final class SharedBucket: Sendable {
    private let state = Atomic<RateLimit.Refill>(0)

    var refill: RateLimit.Refill { state.load(ordering: .relaxed) }

    func take(_ count: Int, of limit: RateLimit, now: RateLimit.Refill) -> Bool {
        change { limit.take(count, from: $0, now: now) }
    }

    func force(_ count: Int, of limit: RateLimit, now: RateLimit.Refill) {
        _ = change { limit.force(count, from: $0, now: now) }
    }

    private func change(_ body: (RateLimit.Refill) -> RateLimit.Refill?) -> Bool {
        var old = refill
        while true {
            guard let new = body(old) else { return false }
            let (exchanged, current) = state.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return true }
            old = current
        }
    }
}

/// What can be exceeded, as the metrics name it.
enum RateName: String, CaseIterable, Sendable {
    case handshakesPerAddress
    case eventsPerConnection
    case bytesPerConnection
    case eventsPerAddress
    case bytesPerAddress
}
