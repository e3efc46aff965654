/// An address of the Internet. One of IPv4 in one of IPv6 (`::ffff:…`, RFC 4291 2.5.5.2) is that of IPv4.
package struct IPAddress: Hashable, Sendable {
    /// In their order; those of IPv4 are the last 32, behind `::ffff:`.
    let bits: UInt128

    init(bits: UInt128) {
        self.bits = bits
    }

    private static let v4Prefix = UInt128(0xFFFF) << 32

    package var isIPv4: Bool { bits >> 32 == Self.v4Prefix >> 32 }

    /// Reads `192.0.2.1`, or `2001:db8::1` in any of its forms (RFC 4291 2.2), without a zone. A number of IPv4 has no zeros
    /// in front, which some read as octal.
    package init?(_ text: Span<UInt8>) {
        guard text.count <= Self.maxBytes else { return nil }
        let bits =
            text.firstIndex(of: UInt8(ascii: ":")) == nil
            ? Self.v4(text).map { Self.v4Prefix | UInt128($0) } : Self.v6(text)
        guard let bits else { return nil }
        self.bits = bits
    }

    /// `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
    private static var maxBytes: Int { 45 }

    private static func v4(_ text: Span<UInt8>) -> UInt32? {
        var (address, number, digits, dots): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
        for index in text.indices {
            let byte = text[index]
            if byte.isDigit {
                guard digits == 0 || number > 0 else { return nil }
                number = number &* 10 &+ UInt32(byte &- UInt8(ascii: "0"))
                digits += 1
                guard number <= 255 else { return nil }
            } else {
                guard byte == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
                address = address << 8 | number
                (number, digits) = (0, 0)
                dots += 1
            }
        }
        return digits > 0 && dots == 3 ? address << 8 | number : nil
    }

    private static func v6(_ text: Span<UInt8>) -> UInt128? {
        var bits: UInt128 = 0
        var (groups, index) = (0, 0)
        /// The groups before the `::`, if there is one.
        var gap: Int?
        if text.count >= 2, text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return nil }
            gap = 0
            index = 2
        }
        while index < text.count {
            let end = text.firstIndex(of: UInt8(ascii: ":"), from: index) ?? text.count
            let part = text.extracting(index..<end)
            if end == text.count, let address = v4(part) {
                bits = bits << 32 | UInt128(address)
                groups += 2
            } else {
                guard let group = group(part) else { return nil }
                bits = bits << 16 | UInt128(group)
                groups += 1
            }
            guard groups <= 8 else { return nil }
            guard end < text.count else { break }
            index = end + 1
            // Behind a colon there is another group, or another colon.
            guard index < text.count else { return nil }
            guard text[index] == UInt8(ascii: ":") else { continue }
            guard gap == nil else { return nil }
            gap = groups
            index += 1
        }
        guard let gap else { return groups == 8 ? bits : nil }
        // It stands for one group at least.
        guard groups < 8 else { return nil }
        let behind = (groups - gap) * 16
        let low = bits & ((UInt128(1) << behind) - 1)
        return (bits >> behind) << ((8 - gap) * 16) | low
    }

    private static func group(_ digits: Span<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var group: UInt16 = 0
        for index in digits.indices {
            guard let value = digits[index].hexValue else { return nil }
            group = group << 4 | UInt16(value)
        }
        return group
    }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 4 writes it.
    package var description: String {
        if isIPv4 {
            return (0..<4).map { "\(UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)))" }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
        let gap = Self.longestZeros(in: groups)
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return gap.count < 2 ? text(0..<8) : "\(text(0..<gap.lowerBound))::\(text(gap.upperBound..<8))"
    }

    /// The first of the longest runs.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            guard group == 0 else {
                start = index + 1
                continue
            }
            if index + 1 - start > longest.count { longest = start..<index + 1 }
        }
        return longest
    }
}

/// Addresses that begin with the same bits.
package struct IPNetwork: Hashable, Sendable {
    private let base: IPAddress
    /// How many bits of 128 all have in common.
    private let prefix: Int

    /// Why a text is none; it follows the text.
    package struct Failure: Error, Equatable, Sendable {
        package let words: String
    }

    /// Reads an address, or one with the number of its bits that count, as `10.0.0.0/8` (RFC 4632 3.1).
    package init(parsing text: String) throws(Failure) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first).utf8.span) else {
            throw Failure(words: "is no address: write one as `10.0.0.0/8`, `192.0.2.1` or `2001:db8::/32`")
        }
        let bits = address.isIPv4 && !first.utf8.contains(UInt8(ascii: ":")) ? 32 : 128
        guard parts.count > 1 else {
            (base, prefix) = (address, 128)
            return
        }
        guard parts[1].utf8.allSatisfy(\.isDigit), let length = Int(parts[1]), length <= bits else {
            throw Failure(words: "has no number from 0 to \(bits) behind its slash")
        }
        prefix = 128 - bits + length
        base = Self.masked(address, prefix)
        guard base == address else {
            throw Failure(words: "says more than its first \(length) bits: write \(base)/\(length)")
        }
    }

    private static func masked(_ address: IPAddress, _ prefix: Int) -> IPAddress {
        IPAddress(bits: (address.bits >> (128 - prefix)) << (128 - prefix))
    }

    package func contains(_ address: IPAddress) -> Bool {
        Self.masked(address, prefix) == base
    }
}
