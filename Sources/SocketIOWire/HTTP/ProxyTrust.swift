/// How a request came to the server: what a connection says, or proxies in front of it that are trusted.
package struct RequestSource: Equatable, Sendable {
    /// Whom it came from.
    package let address: String
    /// Whether the client uses TLS.
    package let isSecure: Bool
    /// The name that the client asked for, where the proxies say it.
    package let host: String?

    package init(address: String, isSecure: Bool, host: String? = nil) {
        self.address = address
        self.isSecure = isSecure
        self.host = host
    }
}

/// Which proxies are believed, and what they write.
///
/// Each proxy adds, at the end of a list, whom it got the request from. So the list is read from its end, and as long as
/// whoever wrote the item is trusted: what a client writes itself stands in front of that.
package struct ProxyTrust: Sendable {
    package enum Fields: Sendable {
        /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
        case xForwarded
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    private let networks: [IPNetwork]
    private let fields: Fields

    package init(_ networks: [IPNetwork], fields: Fields) {
        self.networks = networks
        self.fields = fields
    }

    /// Whether anybody is.
    package var isEmpty: Bool { networks.isEmpty }

    /// How `head` came, which `peer` sent over a connection that is `isSecure`.
    package func source(of head: HTTPRequestHead, from peer: String, isSecure: Bool) -> RequestSource {
        guard let address = IPAddress(peer.utf8.span), trusts(address) else {
            return RequestSource(address: peer, isSecure: isSecure)
        }
        let (client, proto, host) =
            switch fields {
            case .xForwarded: readXForwarded(head.fields, from: address)
            case .forwarded: readForwarded(head.fields, from: address)
            }
        return RequestSource(
            address: client.description, isSecure: proto.flatMap(Self.isSecure) ?? isSecure,
            host: host.flatMap { !$0.isEmpty && $0.utf8.allSatisfy(\.isAuthorityByte) ? $0 : nil })
    }

    private func trusts(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    private static func isSecure(_ proto: String) -> Bool? {
        switch proto.lowercased() {
        case "https", "wss": true
        case "http", "ws": false
        default: nil
        }
    }

    private typealias Said = (client: IPAddress, proto: String?, host: String?)

    private func readForwarded(_ fields: HTTPFields, from peer: IPAddress) -> Said {
        var said: Said = (peer, nil, nil)
        var items = fields.itemsBackwards(of: "forwarded")
        while trusts(said.client), let item = items.next() {
            let element = ForwardedElement(fields.storage.span.extracting(item))
            said.proto = element.proto
            said.host = element.host
            // Who it came from is not known: the proxy that does not say it stands for them.
            guard let address = element.address else { break }
            said.client = address
        }
        return said
    }

    private func readXForwarded(_ fields: HTTPFields, from peer: IPAddress) -> Said {
        var client = peer
        var hops = 0
        var items = fields.itemsBackwards(of: "x-forwarded-for")
        while trusts(client), let item = items.next() {
            hops += 1
            guard let address = IPAddress(node: fields.storage.span.extracting(item)) else { break }
            client = address
        }
        return (
            client, said("x-forwarded-proto", after: hops, in: fields),
            said("x-forwarded-host", after: hops, in: fields)
        )
    }

    /// What the proxy said that is `hops` away, where each adds to the list; where each writes it anew, what the last one
    /// said.
    private func said(_ name: String, after hops: Int, in fields: HTTPFields) -> String? {
        var items = fields.itemsBackwards(of: name)
        var said: Range<Int>?
        for _ in 0..<max(hops, 1) {
            guard let item = items.next() else { break }
            said = item
        }
        return said.map { String(repairing: fields.storage.span.extracting($0)) }
    }
}
