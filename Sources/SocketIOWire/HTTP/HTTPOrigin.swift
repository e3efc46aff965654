/// What a client's URL says: where to connect, and how (RFC 3986 3, for the four schemes that matter).
package struct HTTPOrigin: Hashable, Sendable {
    package let isSecure: Bool
    /// A name or a numeric address, without the brackets of an IPv6 one.
    package let host: String
    package let port: UInt16
    /// Empty, or beginning with `/`.
    package let path: String
    /// Without the `?`; empty if there is none.
    package let query: String

    /// Why a URL is refused; it ends "the URL …".
    package struct Failure: Error, Equatable, Sendable {
        package let detail: StaticString

        package static func == (left: Self, right: Self) -> Bool {
            left.detail.description == right.detail.description
        }
    }

    /// Parses `http://host:port/path?query`, or the same with `https`, `ws` or `wss`. A fragment is dropped.
    package init(parsing url: String) throws(Failure) {
        guard let colon = url.range(of: "://") else { throw Failure(detail: "has no scheme: write http:// in front") }
        switch url[..<colon.lowerBound].lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        default: throw Failure(detail: "is neither http, https, ws nor wss")
        }
        let rest = url[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        guard target.utf8.allSatisfy(\.isTargetByte) else {
            throw Failure(detail: "has a character that must be percent-encoded")
        }
        let path = target.prefix { $0 != "?" }
        self.path = String(path)
        query = String(target[path.endIndex...].dropFirst())
        guard !authority.contains("@") else {
            throw Failure(detail: "has a user name: send credentials as `auth` or in a header")
        }
        let (host, port) = try Self.split(authority)
        self.host = host
        if let port { self.port = try Self.number(port) } else { self.port = isSecure ? 443 : 80 }
    }

    /// What `Host` says: the port only where it is not the scheme's own.
    package var hostField: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func split(_ authority: Substring) throws(Failure) -> (host: String, port: Substring?) {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw Failure(detail: "has a [ without its ]") }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard !host.isEmpty, host.utf8.allSatisfy({ $0.hexValue != nil || $0 == 0x3A || $0 == 0x2E }),
                rest.isEmpty || rest.first == ":"
            else { throw Failure(detail: "has an IPv6 address that is none") }
            return (String(host), rest.isEmpty ? nil : rest.dropFirst())
        }
        let host = authority.prefix { $0 != ":" }
        guard !host.isEmpty else { throw Failure(detail: "has no host") }
        // RFC 3986 3.2.2 allows more; names that are looked up have letters, digits, dots, hyphens and underscores.
        guard host.utf8.allSatisfy(\.isHostNameByte) else {
            throw Failure(detail: "has a host name that is not ASCII: write its xn-- form")
        }
        return (String(host), host.endIndex == authority.endIndex ? nil : authority[host.endIndex...].dropFirst())
    }

    private static func number(_ digits: Substring) throws(Failure) -> UInt16 {
        guard digits.utf8.allSatisfy(\.isDigit), let port = UInt16(digits), port > 0 else {
            throw Failure(detail: "has a port that is none")
        }
        return port
    }
}

extension UInt8 {
    fileprivate var isHostNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension String {
    /// Where `part` occurs first.
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
