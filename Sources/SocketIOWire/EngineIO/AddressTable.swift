/// What is kept for each address that clients come from: for as long as one of its sessions lives, and afterwards for so
/// many addresses as there is room for. Those that were seen longest ago go first.
package struct AddressTable<Entry> {
    private struct Place {
        let entry: Entry
        var sessions = 0
        /// Its number among those without sessions.
        var idleID: UInt64?
    }

    private var places: [PeerNetwork: Place] = [:]
    /// The addresses without sessions, the one that was seen longest ago first.
    private var idle = DepartureQueue<PeerNetwork>()
    private var nextID: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: How many addresses are kept; those with sessions are, whatever it is.
    package init(limit: Int) {
        self.limit = max(limit, 1)
    }

    package var count: Int { places.count }

    /// Somebody came from there; `make` makes what is kept for a new address.
    package mutating func see(_ network: PeerNetwork, _ make: () -> Entry) -> Entry {
        let place = places[network] ?? Place(entry: make())
        places[network] = place
        if place.sessions == 0 { becameIdle(network) }
        trim()
        return place.entry
    }

    private mutating func trim() {
        while places.count > limit, let oldest = idle.removeFirst() { places[oldest] = nil }
    }

    /// A session begins there.
    package mutating func enter(_ network: PeerNetwork, _ make: () -> Entry) -> Entry {
        let entry = see(network, make)
        if let id = places[network]?.idleID.take() { idle.remove(id) }
        places[network, default: Place(entry: entry)].sessions += 1
        return entry
    }

    /// A session has ended there.
    package mutating func leave(_ network: PeerNetwork) {
        guard let sessions = places[network]?.sessions, sessions > 0 else { return }
        places[network]?.sessions = sessions - 1
        guard sessions == 1 else { return }
        becameIdle(network)
        trim()
    }

    /// It goes last of all.
    private mutating func becameIdle(_ network: PeerNetwork) {
        if let id = places[network]?.idleID { idle.remove(id) }
        idle.append(network, id: nextID)
        places[network]?.idleID = nextID
        nextID += 1
    }
}
