internal import SocketIOWire

/// Where a Redis server is, who its user is, and whom a secure connection trusts: `redis://user:password@host:port/database`.
///
/// `rediss` is secure (TLS), with port 6379 all the same; `redis+unix` is a socket of this machine, with its path and maybe
/// `?db=`, and `unix` means the same. `valkey`, `valkeys` and `valkey+unix` mean the same as those of Redis.
/// Without a host it is this machine's, without a port 6379, without a database 0. What has a meaning in a URL is written
/// as `%` and two digits within user, password and path.
///
/// ```swift
/// var redis = try RedisURL("rediss://chat:p%40ss@redis.example.com/2")
/// redis.tls.extraRoots = "/etc/ssl/our-authority.pem"
/// let local = try RedisURL("redis+unix:///run/redis/redis.sock?db=2")
/// ```
/// Of a Redis Cluster one node is named, which knows the others; a name with several addresses is tried at each.
public struct RedisURL: Hashable, Sendable {
    /// A name or an address, without brackets; empty where there is a path.
    public private(set) var host: String
    /// The TCP port; 0 where there is a path.
    public private(set) var port: UInt16
    /// Of a socket of this machine, which is connected to then.
    public private(set) var path: String?
    /// Nil for the user that Redis has without any.
    public let user: String?
    /// Nil if none is asked for.
    public let password: String?
    /// The number of the logical database.
    public let database: Int
    /// Whether the connection is encrypted, and the server's certificate verified.
    public let isSecure: Bool
    /// Whom a secure connection trusts, and who it is to Redis; the system's roots and nobody by default.
    public var tls = TLS()
    /// What Redis calls the connections in `CLIENT LIST`, `socket.io` by default. Anything but the visible characters of
    /// ASCII is sent as `-`: Redis takes nothing else.
    public var clientName = "socket.io"

    /// Reads a URL.
    ///
    /// - Throws: `RedisURLError` if it is none of Redis.
    public init(_ text: String) throws(RedisURLError) {
        guard let colon = text.range(ofText: "://") else { throw RedisURLError("it has no scheme such as redis://") }
        let isLocal: Bool
        switch text[..<colon.lowerBound].lowercased() {
        case "redis", "valkey": (isSecure, isLocal) = (false, false)
        case "rediss", "valkeys": (isSecure, isLocal) = (true, false)
        case "redis+unix", "valkey+unix", "unix": (isSecure, isLocal) = (false, true)
        default: throw RedisURLError("its scheme is not redis, rediss or redis+unix")
        }
        let rest = text[colon.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let at = authority.lastIndex(of: "@")
        (user, password) = Self.credentials(at.map { authority[..<$0] } ?? "")
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        if isLocal {
            guard place.isEmpty else { throw RedisURLError("a socket of this machine has no host") }
            (host, port) = ("", 0)
            let (path, database) = try Self.socket(rest[slash...])
            (self.path, self.database) = (path, database)
            return
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw RedisURLError("it has a query or a fragment, which mean nothing here")
        }
        path = nil
        (host, port) = try Self.address(place)
        let number = rest[slash...].dropFirst()
        guard let database = number.isEmpty ? 0 : Self.number(number) else {
            throw RedisURLError("its path is not the number of a database")
        }
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

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    /// What stands behind the authority of a URL of a socket.
    private static func socket(_ text: Substring) throws(RedisURLError) -> (path: String, database: Int) {
        guard !text.contains("#") else { throw RedisURLError("it has a fragment, which means nothing here") }
        let mark = text.firstIndex(of: "?") ?? text.endIndex
        let path = decoded(text[..<mark])
        guard path.utf8.count > 1 else { throw RedisURLError("it has no path of a socket") }
        let query = text[mark...].dropFirst()
        guard !query.isEmpty else { return (path, 0) }
        guard query.hasPrefix("db="), let database = number(query.dropFirst(3)) else {
            throw RedisURLError("its query is not the number of a database, db=")
        }
        return (path, database)
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

    /// Another node of the same cluster: with the same user, and as secure.
    func node(at address: RedisAddress) -> RedisURL {
        var copy = self
        (copy.host, copy.port, copy.path) = (address.host, address.port, nil)
        return copy
    }

    /// Nil for a socket of this machine.
    var address: RedisAddress? { path == nil ? RedisAddress(host: host, port: port) : nil }

    /// Who the connections are for.
    var login: RedisLogin {
        let visible = UInt8(ascii: "!")...UInt8(ascii: "~")
        let name = clientName.utf8.map { visible.contains($0) ? $0 : UInt8(ascii: "-") }
        return RedisLogin(
            user: user, password: password, database: database, clientName: String(decoding: name, as: UTF8.self))
    }
}

extension RedisURL: CustomStringConvertible {
    /// The URL without its password, for a log.
    public var description: String {
        if let path { return "redis+unix://\(path)" + (database == 0 ? "" : "?db=\(database)") }
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
        description =
            "this is no URL of a Redis server: \(reason). Write redis://user:password@host:port/database, or "
            + "redis+unix:///path?db=database."
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
