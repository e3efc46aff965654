internal import SocketIOWire

/// Finds the position of an event's name.
struct EventNameIndex: Sendable {
    /// All names, one after another.
    private var bytes: [UInt8] = []
    /// Where each ends in `bytes`.
    private var ends: [Int] = []
    /// Positions plus one, by hash; empty while there are few names.
    private var slots: [Int32] = []

    /// Up to here comparing all names is faster than hashing one.
    private static let linearLimit = 8

    /// - Parameter names: Each once.
    init(_ names: [[UInt8]]) {
        for name in names {
            bytes += name
            ends.append(bytes.count)
        }
        guard names.count > Self.linearLimit else { return }
        var size = 16
        while size < names.count * 2 { size *= 2 }
        slots = [Int32](repeating: 0, count: size)
        for position in names.indices {
            let name = names[position]
            var slot = Self.hash(name.span) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(position + 1)
        }
    }

    @inline(__always)
    private func range(_ position: Int) -> Range<Int> {
        (position == 0 ? 0 : ends[position - 1])..<ends[position]
    }

    func position(of name: Span<UInt8>) -> Int? {
        if slots.isEmpty {
            for position in 0..<ends.count where isNamed(position, name) { return position }
            return nil
        }
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if isNamed(position, name) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isNamed(_ position: Int, _ name: Span<UInt8>) -> Bool {
        let range = range(position)
        guard range.count == name.count else { return false }
        for index in 0..<name.count where bytes[range.lowerBound &+ index] != name[index] { return false }
        return true
    }

    /// The names are the application's, so nobody can choose them to collide; and a miss ends at an empty slot.
    private static func hash(_ name: Span<UInt8>) -> Int {
        guard name.count > 0 else { return 0 }
        let ends = UInt64(name[0]) << 16 | UInt64(name[name.count / 2]) << 8 | UInt64(name[name.count &- 1])
        let hash = (UInt64(truncatingIfNeeded: name.count) << 24 | ends) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash >> 40)
    }
}
