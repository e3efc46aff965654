/// Where a node of a Redis Cluster is.
package struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        (self.host, self.port) = (host, port)
    }

    /// `host:port`, an IPv6 address without brackets; nil if it is something else, or unknown to who tells.
    ///
    /// - Parameter teller: Whose host is meant where none is named.
    init?(_ text: Substring, from teller: RedisAddress) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        self.init(host: String(text[..<colon]), port: port, from: teller)
    }

    init?(host: String, port: UInt16, from teller: RedisAddress) {
        guard port > 0, host != "?" else { return nil }
        self.init(host: host.isEmpty ? teller.host : host, port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
