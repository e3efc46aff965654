/// Positions in a list, found by hash. The list lies elsewhere, in which the last element fills the place of a removed
/// one.
///
/// A position is in the first free slot from where its hash points on; at most half of the slots are taken.
struct PositionTable: Sendable {
    /// Positions plus one; none, or a power of two.
    private var slots: [Int32] = []

    private static let minSlots = 32

    var isEmpty: Bool { slots.isEmpty }

    /// The slots to look at, one after another, until one has no position.
    @inline(__always)
    func firstSlot(of hash: Int) -> Int { hash & mask }

    @inline(__always)
    func slot(after slot: Int) -> Int { (slot &+ 1) & mask }

    @inline(__always)
    func position(in slot: Int) -> Int? {
        let position = Int(slots[slot]) &- 1
        return position < 0 ? nil : position
    }

    /// Takes in the last of `count` positions, and all others if it was empty.
    ///
    /// - Parameter hash: Of what is at a position.
    mutating func append(count: Int, hash: (Int) -> Int) {
        if count * 2 > slots.count {
            slots = [Int32](repeating: 0, count: max(Self.minSlots, slots.count * 2))
            for position in 0..<count { insert(position, hash: hash(position)) }
        } else {
            insert(count - 1, hash: hash(count - 1))
        }
    }

    private mutating func insert(_ position: Int, hash: Int) {
        var slot = hash & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(position + 1)
    }

    /// Takes out `position`, which the last of `count` is about to fill.
    mutating func remove(_ position: Int, count: Int, hash: (Int) -> Int) {
        empty(slot(of: position, hash(position)), hash)
        if position != count - 1 { slots[slot(of: count - 1, hash(count - 1))] = Int32(position + 1) }
    }

    private func slot(of position: Int, _ hash: Int) -> Int {
        var slot = hash & mask
        while slots[slot] != position + 1 { slot = (slot + 1) & mask }
        return slot
    }

    /// Empties a slot, so that whatever is behind it is still found.
    private mutating func empty(_ slot: Int, _ hash: (Int) -> Int) {
        var gap = slot
        var next = slot
        while true {
            next = (next + 1) & mask
            guard slots[next] != 0 else { break }
            let home = hash(Int(slots[next]) - 1) & mask
            // What would not be found behind the gap fills it.
            if (next - home) & mask >= (next - gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
        }
        slots[gap] = 0
    }

    @inline(__always)
    private var mask: Int { slots.count &- 1 }
}
