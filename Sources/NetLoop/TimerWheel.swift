/// Names a timer of a `TimerWheel`; a name that is used up is harmless.
package struct TimerID: Equatable, Sendable {
    fileprivate let index: Int32
    fileprivate let generation: UInt32

    /// Names none, in no more room than a timer.
    package static let none = TimerID(index: -1, generation: 0)
}

/// Deadlines in ticks, each set and cancelled in constant time: four wheels of 64 slots, each slot of a wheel as wide
/// as the whole wheel below it.
///
/// Pure: the caller says what time it is. Timers due beyond the last wheel wait in its last slot and are sorted in
/// again from there.
package struct TimerWheel<Target> {
    private struct Entry {
        var target: Target?
        var due: UInt64 = 0
        var generation: UInt32 = 0
        var next: Int32 = none
        var previous: Int32 = none
        /// The slot it hangs in; `none` while the entry is free, `due` between `advance` and `take`.
        var slot: Int32 = none
    }

    private static var none: Int32 { -1 }
    private static var due: Int32 { -2 }
    private static var levels: Int { 4 }
    private static var slotBits: UInt64 { 6 }
    private static var slots: Int { 64 }

    private var entries: [Entry] = []
    private var free: Int32 = none
    private var heads: [Int32]
    /// One bit a slot that is not empty, one word a level.
    private var occupied: [UInt64]
    private var current: UInt64 = 0
    package private(set) var count = 0

    package init() {
        heads = Array(repeating: Self.none, count: Self.levels * Self.slots)
        occupied = Array(repeating: 0, count: Self.levels)
    }

    /// Sets a timer that fires once the time is `due` or later.
    package mutating func insert(_ target: Target, due: UInt64) -> TimerID {
        let index: Int32
        if free != Self.none {
            index = free
            free = entries[Int(index)].next
        } else {
            index = Int32(entries.count)
            entries.append(Entry())
        }
        entries[Int(index)].target = target
        entries[Int(index)].due = due
        link(index)
        count += 1
        return TimerID(index: index, generation: entries[Int(index)].generation)
    }

    /// Forgets a timer; nothing happens if it fired or was cancelled before.
    package mutating func cancel(_ id: TimerID) {
        guard Int(id.index) < entries.count, entries[Int(id.index)].generation == id.generation,
            entries[Int(id.index)].slot != Self.none
        else { return }
        if entries[Int(id.index)].slot != Self.due { unlink(id.index) }
        release(id.index)
    }

    /// The target of a timer that `advance` found due; nil if it was cancelled or taken since.
    package mutating func take(_ id: TimerID) -> Target? {
        let entry = entries[Int(id.index)]
        guard entry.generation == id.generation, entry.slot == Self.due else { return nil }
        release(id.index)
        return entry.target
    }

    /// The tick at which `advance` has something to do: never later than the next timer's, or nil without timers.
    package var nextDue: UInt64? {
        guard count > 0 else { return nil }
        var earliest: UInt64?
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(level) * Self.slotBits
            let position = current >> shift
            // The current slot of an upper level is empty: its timers moved down when its time came.
            let distance = UInt64(occupied[level].rotated(right: Int(position & 63)).trailingZeroBitCount)
            let tick = (position + distance) << shift
            earliest = min(earliest ?? tick, tick)
        }
        return earliest
    }

    /// Moves on to `now` and appends all timers that are due, in no order within a tick. Each is to be taken, and can
    /// be cancelled until then: what one timer's target does may be the end of another.
    package mutating func advance(to now: UInt64, into due: inout [TimerID]) {
        while let next = nextDue, next <= now {
            current = next
            for level in (1..<Self.levels).reversed() where current & ((1 << (UInt64(level) * Self.slotBits)) - 1) == 0
            {
                cascade(level)
            }
            emptyCurrentSlot(into: &due)
        }
        current = max(current, now)
    }

    private mutating func emptyCurrentSlot(into due: inout [TimerID]) {
        let slot = Int32(current & 63)
        while heads[Int(slot)] != Self.none {
            let index = heads[Int(slot)]
            unlink(index)
            entries[Int(index)].slot = Self.due
            due.append(TimerID(index: index, generation: entries[Int(index)].generation))
        }
    }

    /// Sorts the timers of an upper slot, whose time has come, into the wheels below.
    private mutating func cascade(_ level: Int) {
        let slot = level * Self.slots + Int(current >> (UInt64(level) * Self.slotBits) & 63)
        var index = heads[slot]
        heads[slot] = Self.none
        occupied[level] &= ~(1 << UInt64(slot & 63))
        while index != Self.none {
            let next = entries[Int(index)].next
            link(index)
            index = next
        }
    }

    private mutating func link(_ index: Int32) {
        // What is due already fires at the next `advance`.
        let due = max(entries[Int(index)].due, current)
        let distance = due - current
        var level = 0
        while level < Self.levels - 1, distance >> (UInt64(level + 1) * Self.slotBits) != 0 { level += 1 }
        let shift = UInt64(level) * Self.slotBits
        let farthest = (current >> shift) + 63
        let position = min(due >> shift, farthest)
        let slot = Int32(level * Self.slots + Int(position & 63))
        entries[Int(index)].slot = slot
        entries[Int(index)].previous = Self.none
        entries[Int(index)].next = heads[Int(slot)]
        if heads[Int(slot)] != Self.none { entries[Int(heads[Int(slot)])].previous = index }
        heads[Int(slot)] = index
        occupied[level] |= 1 << UInt64(slot & 63)
    }

    private mutating func unlink(_ index: Int32) {
        let entry = entries[Int(index)]
        if entry.previous != Self.none {
            entries[Int(entry.previous)].next = entry.next
        } else {
            heads[Int(entry.slot)] = entry.next
            if entry.next == Self.none { occupied[Int(entry.slot) / 64] &= ~(1 << UInt64(entry.slot & 63)) }
        }
        if entry.next != Self.none { entries[Int(entry.next)].previous = entry.previous }
    }

    private mutating func release(_ index: Int32) {
        entries[Int(index)].target = nil
        entries[Int(index)].slot = Self.none
        entries[Int(index)].generation &+= 1
        entries[Int(index)].next = free
        free = index
        count -= 1
    }
}

extension UInt64 {
    fileprivate func rotated(right count: Int) -> UInt64 {
        count == 0 ? self : self >> UInt64(count) | self << UInt64(64 - count)
    }
}
