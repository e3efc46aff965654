/// The sessions that have joined nothing yet, by the network of their peer, so that one of them can be chosen to end:
/// the oldest of the network that holds most.
///
/// Whoever opens very many ends his own by that. A newcomer from elsewhere has all the time to join that it needs, and
/// one from the same network as long as it takes to open all that there may be.
package struct UnjoinedSessions: Sendable {
    /// What the sessions hold together.
    package private(set) var byteCount = 0

    /// A session, between those of its network that came before and after it.
    private struct Entry: Sendable {
        let id: CompactID
        let group: Int
        let byteCount: Int
        var older: Int?
        var newer: Int?
    }

    private struct Group: Sendable {
        let network: PeerNetwork
        var byteCount = 0
        var oldest: Int?
        var newest: Int?
        /// Its place in `heaviest`.
        var rank: Int
    }

    private var entries = Pool<Entry>()
    private var groups = Pool<Group>()
    private var entryOfID: [CompactID: Int] = [:]
    private var groupOfNetwork: [PeerNetwork: Int] = [:]
    /// A heap of the groups: those at 2 i + 1 and 2 i + 2 hold no more than the one at i.
    private var heaviest: [Int] = []

    package init() {}

    package var count: Int { entryOfID.count }

    /// Adds a session, which is not among them.
    package mutating func insert(_ id: CompactID, from network: PeerNetwork, holding bytes: Int) {
        let group = groupOfNetwork[network] ?? addGroup(network)
        let newest = groups[group].newest
        let entry = entries.insert(Entry(id: id, group: group, byteCount: bytes, older: newest))
        entryOfID[id] = entry
        if let newest { entries[newest].newer = entry } else { groups[group].oldest = entry }
        groups[group].newest = entry
        groups[group].byteCount += bytes
        byteCount += bytes
        rise(groups[group].rank)
    }

    /// Removes a session. False if it is not among them.
    @discardableResult
    package mutating func remove(_ id: CompactID) -> Bool {
        guard let index = entryOfID.removeValue(forKey: id) else { return false }
        let entry = entries.remove(index)
        if let older = entry.older {
            entries[older].newer = entry.newer
        } else {
            groups[entry.group].oldest = entry.newer
        }
        if let newer = entry.newer {
            entries[newer].older = entry.older
        } else {
            groups[entry.group].newest = entry.older
        }
        groups[entry.group].byteCount -= entry.byteCount
        byteCount -= entry.byteCount
        if groups[entry.group].oldest == nil { removeGroup(entry.group) } else { sink(groups[entry.group].rank) }
        // What a flood took is given back.
        if entryOfID.isEmpty { self = UnjoinedSessions() }
        return true
    }

    /// Removes the session that ends first if there is no place for all: of any network, or of this one. Nil if there is
    /// none.
    package mutating func removeFirst(
        of network: PeerNetwork? = nil
    ) -> (id: CompactID, network: PeerNetwork)? {
        let wanted: Int? = if let network { groupOfNetwork[network] } else { heaviest.first }
        guard let group = wanted, let oldest = groups[group].oldest else { return nil }
        let first = (entries[oldest].id, groups[group].network)
        remove(first.0)
        return first
    }

    // MARK: The heap

    private mutating func addGroup(_ network: PeerNetwork) -> Int {
        let group = groups.insert(Group(network: network, rank: heaviest.count))
        groupOfNetwork[network] = group
        heaviest.append(group)
        return group
    }

    private mutating func removeGroup(_ index: Int) {
        let group = groups.remove(index)
        groupOfNetwork[group.network] = nil
        let last = heaviest.removeLast()
        guard last != index else { return }
        place(last, at: group.rank)
        rise(group.rank)
        sink(groups[last].rank)
    }

    private mutating func place(_ group: Int, at rank: Int) {
        heaviest[rank] = group
        groups[group].rank = rank
    }

    private func weight(at rank: Int) -> Int { groups[heaviest[rank]].byteCount }

    private mutating func swapAt(_ first: Int, _ second: Int) {
        let moved = heaviest[first]
        place(heaviest[second], at: first)
        place(moved, at: second)
    }

    private mutating func rise(_ start: Int) {
        var rank = start
        while rank > 0, weight(at: rank) > weight(at: (rank - 1) / 2) {
            swapAt(rank, (rank - 1) / 2)
            rank = (rank - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var rank = start
        while true {
            var heavier = rank
            for child in [2 * rank + 1, 2 * rank + 2]
            where child < heaviest.count && weight(at: child) > weight(at: heavier) {
                heavier = child
            }
            guard heavier != rank else { return }
            swapAt(rank, heavier)
            rank = heavier
        }
    }
}

/// Values that stay where they are until they are removed.
private struct Pool<Value: Sendable>: Sendable {
    private var values: [Value?] = []
    private var free: [Int] = []

    mutating func insert(_ value: Value) -> Int {
        guard let index = free.popLast() else {
            values.append(value)
            return values.count - 1
        }
        values[index] = value
        return index
    }

    mutating func remove(_ index: Int) -> Value {
        guard let value = values[index].take() else { preconditionFailure("removed twice") }
        free.append(index)
        return value
    }

    subscript(index: Int) -> Value {
        get {
            guard let value = values[index] else { preconditionFailure("removed already") }
            return value
        }
        set { values[index] = newValue }
    }
}
