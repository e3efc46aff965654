/// Memory that grows, and whose user looks after the bounds.
@safe final class FloorRegion {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    /// How many bytes are in use.
    var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Makes room for `needed` bytes in all.
    @inline(__always)
    func reserve(_ needed: Int) {
        if needed > capacity { grow(to: needed) }
    }

    private func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        // SAFETY: `larger` exceeds `count`, and both regions are ours.
        unsafe new.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = new
        capacity = larger
    }

    /// Adds what `other` holds from `start` on.
    func append(_ other: FloorRegion, from start: Int) {
        let added = other.count - start
        reserve(count + added)
        // SAFETY: the line above made room.
        unsafe (base + count).update(from: other.base + start, count: added)
        count += added
    }

    /// Forgets the first `dropped` bytes.
    func removeFirst(_ dropped: Int) {
        // SAFETY: no more is dropped than there is; the ranges may overlap, which `update` allows.
        unsafe base.update(from: base + dropped, count: count - dropped)
        count -= dropped
    }
}
