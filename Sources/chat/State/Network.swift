/// Who counts as one where names and addresses are free: an IPv4 address, or the first 64 bits of an IPv6 address, behind
/// which one subscriber has any number (RFC 6177).
struct Network: Hashable, Sendable {
    private let bits: String

    /// - Parameter address: As `handshake.address` has it.
    init(of address: String) {
        // One of IPv4 may stand behind `::ffff:` (RFC 4291 2.5.5.2).
        guard address.contains(":"), !address.contains(".") else {
            bits = address.split(separator: ":").last.map(String.init) ?? address
            return
        }
        let parts = address.split(separator: "::", omittingEmptySubsequences: false).map { $0.split(separator: ":") }
        let (head, tail) = (parts.first ?? [], parts.dropFirst().first ?? [])
        let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
        bits = (head + zeros + tail).prefix(4).joined(separator: ":")
    }
}
