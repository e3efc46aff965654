internal import SocketIOWire

/// Where a Redis server is, and who its user is: `redis://user:password@host:port/database`.
///
/// `rediss` is secure (TLS), with port 6379 all the same; `valkey` and `valkeys` mean the same as `redis` and `rediss`.
/// Without a host it is this machine's, without a port 6379, without a database 0. What has a meaning in a URL is written
/// as `%` and two digits within user and password.
///
/// ```swift
/// let redis = try RedisURL("rediss://chat:p%40ss@redis.example.com/2")
/// ```
public struct RedisURL: Hashable, Sendable {
    /// A name or an address, without brackets.
    public let host: String
    /// The TCP port.
    public let port: UInt16
    /// Nil for the user that Redis has without any.
    public let user: String?
    /// Nil if none is asked for.
    public let password: String?
    /// The number of the logical database.
    public let database: Int
    /// Whether the connection is encrypted, and the server's certificate verified.
    public let isSecure: Bool

    /// Reads a URL.
    ///
    /// - Throws: `RedisURLError` if it is none of Redis.
    public init(_ text: String) throws(RedisURLError) {
        guard let colon = text.range(ofText: "://") else { throw RedisURLError("it has no scheme such as redis://") }
        switch text[..<colon.lowerBound].lowercased() {
        case "redis", "valkey": isSecure = false
        case "rediss", "valkeys": isSecure = true
        default: throw RedisURLError("its scheme is not redis or rediss")
        }
        let rest = text[colon.upperBound...]
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw RedisURLError("it has a query or a fragment, which mean nothing here")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let at = authority.lastIndex(of: "@")
        (user, password) = Self.credentials(at.map { authority[..<$0] } ?? "")
        (host, port) = try Self.address(at.map { authority[authority.index(after: $0)...] } ?? authority)
        let path = rest[slash...].dropFirst()
        guard path.isEmpty || path.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let database = path.isEmpty ? 0 : Int(path)
        else { throw RedisURLError("its path is not the number of a database") }
        self.database = database
    }

    private static func credentials(_ text: Substring) -> (user: String?, password: String?) {
        guard !text.isEmpty else { return (nil, nil) }
        let colon = text.firstIndex(of: ":")
        let user = decoded(text[..<(colon ?? text.endIndex)])
        let password = colon.map { decoded(text[text.index(after: $0)...]) }
        return (user.isEmpty ? nil : user, password)
    }

    private static func decoded(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        return PercentEncoding.decode(bytes.span, plusIsSpace: false)
    }

    private static func address(_ text: Substring) throws(RedisURLError) -> (host: String, port: UInt16) {
        var host = text
        var digits: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw RedisURLError("its address has no ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw RedisURLError("its address is not one") }
            digits = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            (host, digits) = (text[..<colon], text[text.index(after: colon)...])
        }
        guard !host.contains(":") || text.first == "[" else {
            throw RedisURLError("an IPv6 address in it is to stand in [ and ]")
        }
        guard let digits, !digits.isEmpty else { return (host.isEmpty ? "localhost" : String(host), 6_379) }
        guard let port = UInt16(digits), port > 0 else { throw RedisURLError("its port is not one") }
        return (host.isEmpty ? "localhost" : String(host), port)
    }
}

extension RedisURL: CustomStringConvertible {
    /// The URL without its password, for a log.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "rediss" : "redis")://\(name):\(port)/\(database)"
    }
}

/// A text is no URL of a Redis server.
public struct RedisURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to write.
    public let description: String

    /// The URL itself is not told: a password may be in it, which belongs in no log.
    init(_ reason: String) {
        description = "this is no URL of a Redis server: \(reason). Write redis://user:password@host:port/database."
    }
}

extension String {
    fileprivate func range(ofText text: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
