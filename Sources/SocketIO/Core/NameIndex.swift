internal import SocketIOWire

/// Finds the position of a name: an event's, or a namespace's. Positions are those of a list in which the last fills the
/// place of a removed one.
struct NameIndex {
    /// What tells names apart: all of a name of up to 16 bytes, both ends of a longer one.
    private struct Key: Equatable {
        static let size = 16
        let count: Int
        let head: UInt64
        let tail: UInt64

        @inline(__always)
        init(_ name: Span<UInt8>) {
            count = name.count
            if count >= 8 {
                head = name.word(at: 0)
                tail = name.word(at: count &- 8)
            } else {
                var bytes: UInt64 = 0
                for index in name.indices { bytes = bytes << 8 | UInt64(name[index]) }
                head = bytes
                tail = 0
            }
        }

        /// Where a name is looked for first. All of it takes part: names may differ in a few bytes anywhere.
        ///
        /// The names that are in it are the application's, so nobody can choose them to collide; and a miss ends at an empty
        /// slot.
        @inline(__always)
        func hash(_ name: Span<UInt8>) -> Int {
            var mixed = Self.mix(head ^ UInt64(truncatingIfNeeded: count) ^ 0x9E37_79B9_7F4A_7C15, tail)
            if count > Self.size {
                for index in stride(from: 8, to: count &- 8, by: 8) { mixed = Self.mix(mixed, name.word(at: index)) }
            }
            return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) >> 32)
        }

        /// Bits of a product depend on those at their place and below. That the upper half is added to the lower one
        /// brings the last bytes of a word to where slots are told apart.
        @inline(__always)
        private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
            let product = one.multipliedFullWidth(by: other ^ 0xD6E8_FEB8_6659_FD93)
            return product.high ^ product.low
        }
    }

    private var keys: [Key] = []
    private var names: [[UInt8]] = []
    /// Empty while there are few names.
    private var positions = PositionTable()

    /// Up to here comparing all names is faster than hashing one.
    private static let linearLimit = 8

    var count: Int { keys.count }

    @inline(__always)
    func position(of name: Span<UInt8>) -> Int? {
        let key = Key(name)
        if positions.isEmpty {
            for position in keys.indices where keys[position] == key && isWhole(position, name) { return position }
            return nil
        }
        var slot = positions.firstSlot(of: key.hash(name))
        while let position = positions.position(in: slot) {
            if keys[position] == key, isWhole(position, name) { return position }
            slot = positions.slot(after: slot)
        }
        return nil
    }

    /// Whether the name at `position`, whose key is that of `name`, is that name: what lies between its ends.
    @inline(__always)
    private func isWhole(_ position: Int, _ name: Span<UInt8>) -> Bool {
        guard name.count > Key.size else { return true }
        for index in 8..<(name.count &- 8) where names[position][index] != name[index] { return false }
        return true
    }

    /// Adds a name that is not there: at the last position.
    mutating func append(_ name: [UInt8]) {
        keys.append(Key(name.span))
        names.append(name)
        guard keys.count > Self.linearLimit || !positions.isEmpty else { return }
        let (keys, names) = (keys, names)
        positions.append(count: keys.count) { Self.hash(keys[$0], names[$0]) }
    }

    /// Removes the name at `position`; the last one takes the position.
    mutating func remove(at position: Int) {
        if !positions.isEmpty {
            let (keys, names) = (keys, names)
            positions.remove(position, count: keys.count) { Self.hash(keys[$0], names[$0]) }
        }
        keys.swapAt(position, keys.count - 1)
        names.swapAt(position, names.count - 1)
        keys.removeLast()
        names.removeLast()
        if keys.isEmpty { self = NameIndex() }
    }

    private static func hash(_ key: Key, _ name: [UInt8]) -> Int { key.hash(name.span) }

    /// How many slots are looked at to find the name that is found last.
    var longestSearch: Int {
        keys.indices.map { position in
            var (slot, count) = (positions.firstSlot(of: Self.hash(keys[position], names[position])), 1)
            while let other = positions.position(in: slot), other != position {
                slot = positions.slot(after: slot)
                count += 1
            }
            return count
        }.max() ?? 0
    }
}
