internal import SocketIOWire

/// Decides which of a host's addresses to try when: IPv6 and IPv4 in turn, the next one after a moment or at a failure,
/// and the first to answer wins (RFC 8305).
///
/// Pure: the caller dials, keeps the descriptors and says what time it is. Each input returns what is to be done now;
/// `deadline` is when `handleTimeout` has something to do next.
struct Dialer {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        /// Connect to an address; whoever reports the outcome gives `number` back.
        case dial(SocketAddress, number: Int)
        /// This attempt is the connection; close the others. Where it is to be secured, report how that went.
        case use(number: Int)
        /// Close everything: there will be no connection.
        case fail(ConnectError.Reason)
    }

    private enum State {
        /// The addresses are not known yet.
        case resolving
        case dialing(Race)
        /// A host answered; the TLS handshake is under way.
        case securing
        /// Won, failed or cancelled.
        case over
    }

    private struct Race {
        /// Not tried yet, the best first.
        var waiting: ArraySlice<SocketAddress>
        var started = 0
        var running = 0
        /// When the next address has its turn although others are still running.
        var next: Instant
        /// The most telling failure so far.
        var failure: ConnectError.Reason?
    }

    /// RFC 8305 5 and 8: "Connection Attempt Delay".
    static let attemptDelay = Duration.milliseconds(250)
    /// More addresses of a name are not tried: each attempt is a descriptor.
    static let maxAddresses = 8

    private var state = State.resolving
    private let limit: Instant
    private let isSecured: Bool

    /// - Parameters:
    ///   - isSecured: Whether a TLS handshake follows.
    ///   - timeout: For everything, from looking the name up to the end of the handshake.
    init(isSecured: Bool = false, timeout: Duration, now: Instant) {
        self.isSecured = isSecured
        limit = now.advanced(by: timeout.bounded)
    }

    /// When to call `handleTimeout`, or nil if all is over.
    var deadline: Instant? {
        switch state {
        case .resolving, .securing: limit
        case .dialing(let race): race.waiting.isEmpty ? limit : min(limit, race.next)
        case .over: nil
        }
    }

    /// The name has these addresses, the best first.
    mutating func resolved(_ addresses: [SocketAddress], now: Instant) -> Action? {
        switch state {
        case .resolving:
            guard !addresses.isEmpty else { return fail(.unresolvable("it has no address")) }
            let waiting = Self.interleaved(addresses).prefix(Self.maxAddresses)
            return dialNext(Race(waiting: waiting, next: now), now: now)
        case .dialing, .securing: preconditionFailure("a name is resolved once")
        case .over: return nil
        }
    }

    mutating func resolutionFailed(_ text: String) -> Action? {
        switch state {
        case .resolving: return fail(.unresolvable(text))
        case .dialing, .securing: preconditionFailure("a name is resolved once")
        case .over: return nil
        }
    }

    /// An attempt is connected.
    mutating func connected(number: Int) -> Action? {
        switch state {
        case .resolving: preconditionFailure("nothing was dialled")
        case .dialing:
            state = isSecured ? .securing : .over
            return .use(number: number)
        case .securing, .over: return nil
        }
    }

    /// The handshake failed; another address of the host would do no better.
    mutating func securingFailed(_ reason: ConnectError.Reason) -> Action? {
        switch state {
        case .resolving, .dialing: preconditionFailure("nobody shook hands")
        case .securing: return fail(reason)
        case .over: return nil
        }
    }

    /// An attempt failed.
    mutating func failed(_ reason: ConnectError.Reason, now: Instant) -> Action? {
        switch state {
        case .resolving: preconditionFailure("nothing was dialled")
        case .dialing(var race):
            race.running -= 1
            if reason.weight >= race.failure?.weight ?? 0 { race.failure = reason }
            // RFC 8305 5: a failure brings the next attempt forward.
            return dialNext(race, now: now)
        case .securing, .over: return nil
        }
    }

    mutating func handleTimeout(now: Instant) -> Action? {
        switch state {
        case .resolving, .securing: return now >= limit ? fail(.timedOut) : nil
        case .dialing(let race):
            if now >= limit { return fail(.timedOut) }
            return now >= race.next && !race.waiting.isEmpty ? dialNext(race, now: now) : nil
        case .over: return nil
        }
    }

    /// There is a connection, or none is wanted any more.
    mutating func cancel() {
        state = .over
    }

    private mutating func dialNext(_ race: Race, now: Instant) -> Action? {
        var race = race
        guard let address = race.waiting.popFirst() else {
            guard race.running > 0 else { return fail(race.failure ?? .timedOut) }
            state = .dialing(race)
            return nil
        }
        let number = race.started
        race.started += 1
        race.running += 1
        race.next = now.advanced(by: Self.attemptDelay)
        state = .dialing(race)
        return .dial(address, number: number)
    }

    private mutating func fail(_ reason: ConnectError.Reason) -> Action {
        state = .over
        return .fail(reason)
    }

    /// RFC 8305 4: the families in turn, beginning with that of the best address.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.isIPv6 == first.isIPv6 }
        let others = addresses.filter { $0.isIPv6 != first.isIPv6 }
        var result: [SocketAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}
