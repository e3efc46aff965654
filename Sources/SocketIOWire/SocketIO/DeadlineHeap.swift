/// Deadlines, of which the earliest is at hand: a binary heap.
struct DeadlineHeap {
    struct Entry {
        let deadline: ContinuousClock.Instant
        let id: UInt64

        /// Of one time, the smaller id comes first, which was given earlier.
        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline == right.deadline ? left.id < right.id : left.deadline < right.deadline
        }
    }

    /// The children of the entry at i, neither of which is earlier, are at 2 i + 1 and 2 i + 2.
    private var entries: [Entry] = []

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0, entry < entries[(index - 1) / 2] {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        sink(0)
    }

    mutating func removeAll(where isUnwanted: (Entry) -> Bool) {
        entries.removeAll(where: isUnwanted)
        for index in (0..<entries.count / 2).reversed() { sink(index) }
    }

    /// Moves an entry down until neither child is earlier.
    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var earliest = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < entries.count && entries[child] < entries[earliest] {
                earliest = child
            }
            guard earliest != index else { return }
            entries.swapAt(index, earliest)
            index = earliest
        }
    }
}
