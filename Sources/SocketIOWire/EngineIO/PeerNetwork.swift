/// Who counts as one peer where sessions are counted by address: an IPv4 address, or the first 64 bits of an IPv6
/// address, behind which one subscriber has any number (RFC 6177).
package struct PeerNetwork: Hashable, Sendable {
    private enum Bits: Hashable, Sendable {
        case v4(UInt32)
        case v6(UInt64)
        case unknown
    }

    private let bits: Bits

    /// - Parameter address: As the system writes it.
    package init(of address: String) {
        if address.utf8.contains(UInt8(ascii: ":")) {
            bits = .v6(Self.first64Bits(of: address))
        } else {
            bits = Self.v4(address).map(Bits.v4) ?? .unknown
        }
    }

    private static func v4(_ address: String) -> UInt32? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard let part = UInt8(part) else { return nil }
            bits = bits << 8 | UInt32(part)
        }
        return bits
    }

    /// Of eight groups, of which `::` leaves out some that are zero (RFC 5952 2.2).
    private static func first64Bits(of address: String) -> UInt64 {
        var (before, after): ([UInt16], [UInt16]) = ([], [])
        var isBehindGap = false
        for part in address.split(separator: ":", omittingEmptySubsequences: false) {
            guard let group = UInt16(part, radix: 16) else {
                isBehindGap = true
                continue
            }
            if isBehindGap { after.append(group) } else { before.append(group) }
        }
        let gap = Array(repeating: UInt16(0), count: max(0, 8 - before.count - after.count))
        return (before + gap + after).prefix(4).reduce(0) { $0 << 16 | UInt64($1) }
    }
}
