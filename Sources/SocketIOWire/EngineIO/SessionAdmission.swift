/// Decides which sessions there may be (Protocol.md 6): how many in total, of one network, and that have joined nothing
/// yet. Those go first: where there is no place for a newcomer, one of them ends to make it.
package struct SessionAdmission: Sendable {
    package struct Limits: Sendable {
        package var sessions = Int.max
        package var unjoined = Int.max
        /// Of what the unjoined ones hold together.
        package var unjoinedBytes = Int.max
        /// Nil for any number.
        package var perNetwork: Int?

        package init() {}
    }

    /// What has no place for a newcomer.
    package enum Full: Equatable, Sendable {
        case server
        case network
    }

    package enum Decision: Equatable, Sendable {
        /// It begins. These have lost their places to it: they are to end, and leave then as any other.
        case admitted(ending: [CompactID])
        case refused(Full)
    }

    private let limits: Limits
    /// How many have a place.
    package private(set) var count = 0
    private var unjoined = UnjoinedSessions()
    private var ofNetwork: [PeerNetwork: Int] = [:]
    /// Those who have lost their places and have not ended yet.
    private var outgoing: Set<CompactID> = []

    package init(limits: Limits) {
        self.limits = limits
    }

    package var unjoinedCount: Int { unjoined.count }
    package var unjoinedByteCount: Int { unjoined.byteCount }

    /// A session wants to begin, whose id no other has.
    ///
    /// - Parameters:
    ///   - bytes: What it holds until it has joined.
    ///   - joins: Whether there is something to join; if not, it counts as joined.
    package mutating func enter(
        _ id: CompactID, from network: PeerNetwork, holding bytes: Int, joins: Bool
    ) -> Decision {
        var ending: [CompactID] = []
        if let limit = limits.perNetwork, ofNetwork[network, default: 0] >= limit {
            guard let first = takePlace(ofNetwork: network) else { return .refused(.network) }
            ending.append(first)
        }
        if count >= limits.sessions {
            guard let first = takePlace() else { return .refused(.server) }
            ending.append(first)
        }
        if joins {
            while unjoined.count >= limits.unjoined || unjoined.byteCount > limits.unjoinedBytes - bytes,
                let first = takePlace()
            {
                ending.append(first)
            }
            unjoined.insert(id, from: network, holding: bytes)
        }
        count += 1
        if limits.perNetwork != nil { ofNetwork[network, default: 0] += 1 }
        return .admitted(ending: ending)
    }

    private mutating func takePlace(ofNetwork network: PeerNetwork? = nil) -> CompactID? {
        guard let first = unjoined.removeFirst(of: network) else { return nil }
        outgoing.insert(first.id)
        release(first.network)
        return first.id
    }

    private mutating func release(_ network: PeerNetwork) {
        count -= 1
        guard let held = ofNetwork[network] else { return }
        ofNetwork[network] = held == 1 ? nil : held - 1
    }

    /// The session has joined something. It stays until it ends by itself, unless it has lost its place already.
    package mutating func join(_ id: CompactID) {
        unjoined.remove(id)
    }

    /// The session is over.
    package mutating func leave(_ id: CompactID, from network: PeerNetwork) {
        guard outgoing.remove(id) == nil else { return }
        unjoined.remove(id)
        release(network)
    }

    /// Whether the session has lost its place, and is to end.
    package func isOutgoing(_ id: CompactID) -> Bool { outgoing.contains(id) }
}
