/// Which names a server answers to (Protocol.md 1.2).
///
/// A page can make its own name lead to an address inside of somebody's network (DNS rebinding): its requests to a server
/// there are of the same origin then. What gives them away is the name in `Host`.
public struct HostPolicy: Sendable {
    /// Nil for any.
    private let names: Set<[UInt8]>?

    /// Any name.
    public static let any = HostPolicy(names: nil)

    /// These names alone, in any case: `chat.example` on any port, `chat.example:8443` on that one. A request for
    /// another name, or for none, gets 421. What checks the server's health needs its name on the list, too. What can never
    /// be in `Host` is a mistake in the program and stops it, with words that say what to write.
    public static func hosts(_ names: [String]) -> HostPolicy {
        for name in names {
            // At the start, where somebody looks: it would match no request, and each would be refused.
            if let fault = AllowedName.fault(ofHost: name) { fatalError("hosts: '\(name)' \(fault)") }
        }
        return HostPolicy(names: Set(names.map { $0.asciiLowercased }))
    }

    private init(names: Set<[UInt8]>?) {
        self.names = names
    }

    /// Whether no name is refused.
    var isAny: Bool { names == nil }

    /// - Parameter host: As in `Host`.
    func allows(_ host: String?) -> Bool {
        guard let names else { return true }
        guard let host = host?.asciiLowercased else { return false }
        return names.contains(host) || host.portColon.map { names.contains(Array(host[..<$0])) } ?? false
    }
}

extension BidirectionalCollection<UInt8> {
    /// Where in a `Host` the colon is that stands in front of the port; those of an IPv6 address are in brackets.
    var portColon: Index? {
        let last = lastIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "]") }
        return last.flatMap { self[$0] == UInt8(ascii: ":") ? $0 : nil }
    }
}

extension String {
    /// Its bytes, with the capital letters of ASCII made small: no two names become one that the wire tells apart.
    var asciiLowercased: [UInt8] {
        utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
