internal import SocketIOWire

/// A cookie with the session's id, which the answer that begins a session over polling sets: by it a proxy can find the
/// server that has the session, where there are several.
///
/// ```swift
/// io.configuration.engine.cookie = SessionCookie(name: "io", isSecure: true)
/// ```
/// Nothing here reads it. A WebSocket is one connection and needs none: its handshake sets no cookie, as with the official
/// server.
public struct SessionCookie: Hashable, Sendable {
    /// With which requests of other sites' pages a browser sends it (RFC 6265bis 5.6.7).
    public enum SameSite: String, Hashable, Sendable {
        /// None of them.
        case strict = "Strict"
        /// Those that lead to a page of the server.
        case lax = "Lax"
        /// All of them, over TLS.
        case none = "None"
    }

    private let name: String
    private let attributes: String

    /// A cookie, by default as the official server sets it: `io=…; Path=/; HttpOnly; SameSite=Lax`.
    ///
    /// What no browser would take, or what would be another attribute, is a mistake in the program and stops it, with words
    /// that say what to write.
    ///
    /// - Parameters:
    ///   - name: A token; `__Secure-` and `__Host-` at its beginning demand what they say.
    ///   - path: Nil for that of the request.
    ///   - domain: Nil for the host of the request alone.
    ///   - sameSite: Nil for what the browser does by itself.
    ///   - isHTTPOnly: Whether scripts of the page cannot read it.
    ///   - isSecure: Whether it is sent over TLS only.
    ///   - maxAge: In whole seconds. Nil until the browser ends.
    public init(
        name: String = "io", path: String? = "/", domain: String? = nil, sameSite: SameSite? = .lax,
        isHTTPOnly: Bool = true, isSecure: Bool = false, maxAge: Duration? = nil
    ) {
        let fault = Self.fault(
            ofName: name, path: path, domain: domain, sameSite: sameSite, isSecure: isSecure, maxAge: maxAge)
        // At the start, where somebody looks: a browser would drop it, and say nothing.
        if let fault { fatalError("cookie: \(fault)") }
        self.name = name
        var attributes = ""
        if let maxAge { attributes += "; Max-Age=\(maxAge.bounded.components.seconds)" }
        if let domain { attributes += "; Domain=\(domain)" }
        if let path { attributes += "; Path=\(path)" }
        if isHTTPOnly { attributes += "; HttpOnly" }
        if isSecure { attributes += "; Secure" }
        if let sameSite { attributes += "; SameSite=\(sameSite.rawValue)" }
        self.attributes = attributes
    }

    /// The value of `Set-Cookie` for a session.
    func line(for sessionID: String) -> String {
        name + "=" + Self.escaped(sessionID) + attributes
    }

    /// An id that the application makes may have anything in it.
    private static func escaped(_ value: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            if byte.isCookieByte, byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is wrong with it, if anything is.
    static func fault(
        ofName name: String, path: String?, domain: String?, sameSite: SameSite?, isSecure: Bool, maxAge: Duration?
    ) -> String? {
        guard !name.isEmpty, name.utf8.span.isToken else {
            return "'\(name)' is no name: letters, digits, - and _ are"
        }
        if let path, path.utf8.first != UInt8(ascii: "/") || !path.utf8.allSatisfy(\.isAttributeByte) {
            return "'\(path)' is no path: begin it with a slash, and have no ; in it"
        }
        if let domain, domain.isEmpty || AllowedName.fault(ofHost: domain) != nil || domain.utf8.contains(0x3A) {
            return "'\(domain)' is no domain: write its name only, as example.com"
        }
        if let maxAge, maxAge < .zero { return "maxAge is less than nothing" }
        if sameSite == SameSite.none, !isSecure { return "browsers drop SameSite=None without isSecure: set it" }
        let lowered = name.asciiLowercased
        if lowered.starts(with: "__secure-".utf8), !isSecure { return "browsers drop \(name) without isSecure: set it" }
        if lowered.starts(with: "__host-".utf8), !isSecure || path != "/" || domain != nil {
            return "browsers drop \(name) unless it isSecure, has the path / and no domain"
        }
        return nil
    }
}

extension UInt8 {
    /// RFC 6265 4.1.1, `cookie-octet`.
    fileprivate var isCookieByte: Bool {
        switch self {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }

    /// RFC 6265 4.1.1, `av-octet`, without the space, with which nobody's path begins.
    fileprivate var isAttributeByte: Bool {
        (0x21...0x7E).contains(self) && self != UInt8(ascii: ";")
    }
}
