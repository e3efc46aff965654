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
        guard let address = IPAddress(address.utf8.span) else {
            bits = .unknown
            return
        }
        bits =
            address.isIPv4
            ? .v4(UInt32(truncatingIfNeeded: address.bits)) : .v6(UInt64(truncatingIfNeeded: address.bits >> 64))
    }
}
