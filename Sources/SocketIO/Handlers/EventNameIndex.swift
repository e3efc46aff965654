internal import SocketIOWire

/// Finds the position of an event's name.
struct EventNameIndex: Sendable {
    /// What tells names apart: all of a name of up to 16 bytes, both ends of a longer one.
    private struct Key: Equatable, Sendable {
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
        /// The names are the application's, so nobody can choose them to collide; and a miss ends at an empty slot.
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
    /// All names, one after another.
    private var bytes: [UInt8] = []
    /// Where each begins in `bytes`.
    private var starts: [Int] = []
    /// Positions plus one, by hash; empty while there are few names.
    private var slots: [Int32] = []

    /// Up to here comparing all names is faster than hashing one.
    private static let linearLimit = 8

    /// - Parameter names: Each once.
    init(_ names: [[UInt8]]) {
        for name in names {
            keys.append(Key(name.span))
            starts.append(bytes.count)
            bytes += name
        }
        guard names.count > Self.linearLimit else { return }
        var size = 16
        while size < names.count * 2 { size *= 2 }
        slots = [Int32](repeating: 0, count: size)
        for (position, name) in names.enumerated() {
            var slot = keys[position].hash(name.span) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(position + 1)
        }
    }

    @inline(__always)
    func position(of name: Span<UInt8>) -> Int? {
        let key = Key(name)
        if slots.isEmpty {
            for position in keys.indices where keys[position] == key && isWhole(position, name) { return position }
            return nil
        }
        var slot = key.hash(name) & (slots.count &- 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) &- 1
            if keys[position] == key, isWhole(position, name) { return position }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    /// How many slots are looked at, at most, to find a name, or that there is none.
    var longestSearch: Int {
        var (longest, run) = (0, 0)
        // A run may reach over the end.
        for slot in slots + slots {
            run = slot == 0 ? 0 : run + 1
            longest = max(longest, run)
        }
        return min(longest, slots.count) + 1
    }

    /// Whether the name at `position`, whose key is that of `name`, is that name: what lies between its ends.
    @inline(__always)
    private func isWhole(_ position: Int, _ name: Span<UInt8>) -> Bool {
        guard name.count > Key.size else { return true }
        for index in 8..<(name.count &- 8) where bytes[starts[position] &+ index] != name[index] { return false }
        return true
    }
}
