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
            if let fault = AllowedName.fault(ofHost: name) { fatalError("hosts: '\(name)' \(fault)") }
        }
        return HostPolicy(names: Set(names.map { $0.asciiLowercased }))
    }

    private init(names: Set<[UInt8]>?) {
        self.names = names
    }

    /// - Parameter host: As in `Host`.
    func allows(_ host: String?) -> Bool {
        guard let names else { return true }
        guard let host = host?.asciiLowercased else { return false }
        return names.contains(host) || names.contains(Self.withoutPort(host))
    }

    private static func withoutPort(_ host: [UInt8]) -> [UInt8] {
        guard let colon = host.lastIndex(of: UInt8(ascii: ":")), !host[colon...].contains(UInt8(ascii: "]")) else {
            return host
        }
        return Array(host[..<colon])
    }
}

extension String {
    /// Its bytes, with the capital letters of ASCII made small: no two names become one that the wire tells apart.
    var asciiLowercased: [UInt8] {
        utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
