/// Which node of a Redis Cluster serves which slot, as far as one of them has told.
package struct RedisSlotMap: Equatable, Sendable {
    /// Those that serve slots.
    private var masters: [RedisAddress] = []
    /// For each slot the place of its node in `masters`, and one more; zero if nobody is known to serve it.
    private var owners = [UInt16](repeating: 0, count: RedisSlot.count)
    /// The copies of those that serve slots.
    private var replicas: Set<RedisAddress> = []

    /// More nodes no cluster has ("Redis Cluster goals").
    static let maxNodes = 1_000

    /// Nothing is known.
    package init() {}

    /// What `CLUSTER SLOTS` is answered with; nil if it is no such thing, or of more than 1 000 nodes.
    ///
    /// - Parameter teller: Who says so.
    package init?(_ reply: RESPValue, from teller: RedisAddress) {
        guard case .array(let ranges) = reply else { return nil }
        var places: [RedisAddress: UInt16] = [:]
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer,
                0 <= first, first <= last, last < RedisSlot.count
            else { return nil }
            replicas.formUnion(parts[3...].compactMap { Self.address($0, from: teller) })
            guard let address = Self.address(parts[2], from: teller) else { continue }
            if places[address] == nil {
                masters.append(address)
                places[address] = UInt16(clamping: masters.count)
            }
            guard masters.count + replicas.count <= Self.maxNodes, let place = places[address] else { return nil }
            for slot in Int(first)...Int(last) { owners[slot] = place }
        }
    }

    /// A host, a port, and more that is of no interest.
    private static func address(_ node: RESPValue, from teller: RedisAddress) -> RedisAddress? {
        guard let parts = node.elements, parts.count >= 2, let port = parts[1].integer.flatMap({ UInt16(exactly: $0) })
        else { return nil }
        return RedisAddress(host: parts[0].text ?? "", port: port, from: teller)
    }

    /// Who serves a slot.
    package subscript(slot: RedisSlot) -> RedisAddress? {
        let place = Int(owners[Int(slot.number)])
        return place == 0 ? nil : masters[place - 1]
    }

    /// A node says that another one serves a slot.
    mutating func move(_ slot: RedisSlot, to address: RedisAddress) {
        let place: Int
        if let known = masters.firstIndex(of: address) {
            place = known
        } else {
            guard masters.count < Self.maxNodes else { return }
            place = masters.count
            masters.append(address)
        }
        owners[Int(slot.number)] = UInt16(place + 1)
    }

    /// All nodes, those that serve slots first.
    package var nodes: [RedisAddress] {
        masters + replicas.subtracting(masters).sorted { ($0.host, $0.port) < ($1.host, $1.port) }
    }

    package func contains(_ address: RedisAddress) -> Bool { masters.contains(address) || replicas.contains(address) }

    /// A node that serves slots, for what any may do; one of the preferred if there is any.
    ///
    /// - Parameter number: Decides which one.
    func anyNode(_ number: Int, preferring isPreferred: (RedisAddress) -> Bool) -> RedisAddress? {
        let preferred = masters.filter(isPreferred)
        let choice = preferred.isEmpty ? masters : preferred
        return choice.isEmpty ? nil : choice[Int(number.magnitude % UInt(choice.count))]
    }
}
