/// What a list of allowed names can never match, because nobody sends it.
package enum AllowedName {
    /// What is wrong with an origin (RFC 6454 6.2: scheme, host, and the port if it is not the scheme's own).
    package static func fault(ofOrigin origin: String) -> String? {
        // A page without an origin of its own, as one from a file.
        if origin == "null" { return nil }
        let bytes = Array(origin.utf8)
        guard !bytes.contains(UInt8(ascii: "*")) else { return "has a wildcard: name each origin, or use `.any`" }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
            return "has no scheme: write https://\(origin)"
        }
        let scheme = String(decoding: bytes[..<colon].map { $0 | 0x20 }, as: UTF8.self)
        let host = bytes[(colon + 3)...]
        if scheme == "ws" || scheme == "wss" { return "is no page's: write http:// or https://, as the page has" }
        if scheme == "file", host.isEmpty { return nil }
        guard !host.contains(UInt8(ascii: "/")) else { return "has a path: end it with the host or the port" }
        if let fault = fault(ofAuthority: host) { return fault }
        let port = String(decoding: host.suffix(while: { $0 != UInt8(ascii: ":") }), as: UTF8.self)
        let own = ["http": "80", "https": "443"][scheme]
        guard own != port || port.utf8.count == host.count else {
            return "has the port that browsers leave out: write it without :\(port)"
        }
        return nil
    }

    /// What is wrong with a name for `Host` (RFC 9110 7.2: a host, and perhaps a port).
    static func fault(ofHost name: String) -> String? {
        let bytes = Array(name.utf8)
        guard !bytes.contains(UInt8(ascii: "*")) else { return "has a wildcard: name each host, or use `.any`" }
        guard !bytes.contains(UInt8(ascii: "/")) else {
            return "is no host: write it without a scheme and a path"
        }
        return fault(ofAuthority: bytes[...])
    }

    private static func fault(ofAuthority bytes: ArraySlice<UInt8>) -> String? {
        guard !bytes.isEmpty else { return "has no host" }
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return "is not ASCII: write the xn-- form" }
        guard bytes.allSatisfy(isAllowed) else { return "has a character that no host has" }
        return nil
    }

    /// RFC 3986 3.2.2, without what is percent-encoded; and the colon and brackets around it.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}

extension Collection {
    /// The elements at the end that fulfil `condition`.
    fileprivate func suffix(while condition: (Element) -> Bool) -> SubSequence where Self: BidirectionalCollection {
        var start = endIndex
        while start > startIndex, condition(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
