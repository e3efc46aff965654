/// How the body of a response may be compressed (RFC 9110 8.4.1).
package enum ContentCoding: String, Sendable {
    case gzip
    /// In the form of RFC 1950.
    case deflate

    /// What a client prefers (RFC 9110 12.5.3), gzip where it has no preference; nil where the body is to be sent as it is.
    package init?(acceptedBy fields: HTTPFields) {
        var weights: [String: Int] = [:]
        fields.forEachItem(of: "accept-encoding") { item in
            let bytes = fields.storage.span.extracting(item)
            let end = bytes.firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
            let name = bytes.extracting(bytes.trimmed(0..<end))
            let weight = Self.weight(bytes.extracting(bytes.trimmed(min(end + 1, bytes.count)..<bytes.count)))
            for known in ["gzip", "deflate", "identity", "*"] where name.equalsIgnoringCase(known.utf8.span) {
                weights[known] = weight
            }
            return true
        }
        func weight(_ name: String) -> Int { weights[name] ?? weights["*"] ?? 0 }
        let best = max(weight("gzip"), weight("deflate"))
        guard best > 0, best >= weights["identity"] ?? 0 else { return nil }
        self = weight("gzip") == best ? .gzip : .deflate
    }

    /// In thousandths (RFC 9110 12.4.2); none for what is not of the grammar.
    private static func weight(_ bytes: Span<UInt8>) -> Int {
        guard !bytes.isEmpty else { return 1000 }
        guard bytes.count > 2, bytes.count <= 7, bytes[0] | 0x20 == UInt8(ascii: "q"), bytes[1] == UInt8(ascii: "=")
        else {
            return 0
        }
        var weight = 0
        var unit = 1000
        for index in 2..<bytes.count {
            if index == 3 {
                guard bytes[index] == UInt8(ascii: ".") else { return 0 }
                continue
            }
            guard 48...57 ~= bytes[index] else { return 0 }
            weight += Int(bytes[index] - 48) * unit
            unit /= 10
        }
        return weight <= 1000 ? weight : 0
    }
}
