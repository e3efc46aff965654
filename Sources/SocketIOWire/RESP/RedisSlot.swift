/// One of the parts into which a Redis Cluster divides all keys and shard channels (Redis Cluster specification, "Key
/// distribution model").
package struct RedisSlot: Hashable, Sendable {
    package static let count = 16_384

    /// Below `count`.
    package let number: UInt16

    package init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    /// Where a key belongs: those with the same text in braces belong together ("Hash tags").
    package init(of key: [UInt8]) {
        let part = Self.tag(of: key) ?? key[...]
        number = part.reduce(0, Self.checksum) % UInt16(Self.count)
    }

    /// What stands between the first brace and the first closing one behind it, if that is something.
    private static func tag(of key: [UInt8]) -> ArraySlice<UInt8>? {
        guard let start = key.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        let rest = key[(start + 1)...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end > rest.startIndex else { return nil }
        return rest[..<end]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, from zero, nothing reflected.
    private static func checksum(_ sum: UInt16, _ byte: UInt8) -> UInt16 {
        sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)]
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
