internal import SocketIOWire

/// Which pages of other origins may connect (Protocol.md 1.3).
///
/// Holds for polling through CORS headers and, unlike in the official server, for WebSocket handshakes too, which
/// browsers do not check themselves. Requests without an `Origin` do not come from a page and pass.
public struct CORSPolicy: Sendable {
    private enum Origins: Sendable {
        case none
        case any
        /// In small letters.
        case listed(Set<[UInt8]>)
    }

    private let origins: Origins
    /// Whether cookies and other credentials may come along. With `.any` that hands every page the user's session.
    public var allowsCredentials = false
    /// Methods that pages may use; by default `GET`, `HEAD`, `PUT`, `PATCH`, `POST` and `DELETE` with the engine, and those that
    /// a path has with `HTTPRoutes`.
    public var methods: [String]?
    /// The status of the answer to a preflight request, from 200 to 299: for old clients that take 204 for an error.
    public var successStatus = 204 {
        didSet { precondition((200...299).contains(successStatus), "cors: successStatus is one from 200 to 299") }
    }
    /// Request headers that pages may set besides the simple ones; by default all that the browser asks for.
    public var allowedHeaders: [String]?
    /// Response headers that pages may read.
    public var exposedHeaders: [String] = []
    /// How long a browser may remember the answer to a preflight request.
    public var maxAge: Duration?

    /// Pages of the server's own origin only.
    public static let sameOrigin = CORSPolicy(origins: .none)
    /// Pages of any origin.
    public static let any = CORSPolicy(origins: .any)

    /// Pages of these origins besides the server's own: `https://example.com`, `http://localhost:5173`.
    ///
    /// Written as browsers write them: with a scheme, in any case, without a path, and without a port that is the scheme's
    /// own. What can never be an origin is a mistake in the program and stops it, with words that say what to write.
    public static func origins(_ origins: String...) -> CORSPolicy {
        for origin in origins {
            // At the start, where somebody looks: it would match no page, and each would be refused.
            if let fault = AllowedName.fault(ofOrigin: origin) { fatalError("cors: '\(origin)' \(fault)") }
        }
        return CORSPolicy(origins: .listed(Set(origins.map(\.asciiLowercased))))
    }

    private init(origins: Origins) {
        self.origins = origins
    }

    var isEnabled: Bool {
        switch origins {
        case .none: false
        case .any, .listed: true
        }
    }

    /// Whether a page of `origin` may connect to a server that it calls `host`.
    ///
    /// - Parameter isSecure: Whether it connects with TLS to this server itself.
    func allows(origin: String, host: String?, isSecure: Bool) -> Bool {
        switch origins {
        case .any: true
        case .listed(let listed):
            listed.contains(origin.asciiLowercased) || Self.isSameOrigin(origin, host: host, isSecure: isSecure)
        case .none: Self.isSameOrigin(origin, host: host, isSecure: isSecure)
        }
    }

    /// A proxy may have taken the port off `Host`: then the names alone must agree. It may have ended TLS, too: only a
    /// connection that is secure up to here says which scheme the server's own pages have.
    private static func isSameOrigin(_ origin: String, host: String?, isSecure: Bool) -> Bool {
        // What is none of these URLs is nobody's origin.
        guard let host, let page = try? HTTPOrigin(parsing: origin), page.path.isEmpty, page.query.isEmpty,
            page.isSecure || !isSecure
        else { return false }
        let scheme = page.isSecure ? "https" : "http"
        guard let server = try? HTTPOrigin(parsing: "\(scheme)://\(host)"), server.path.isEmpty, server.query.isEmpty
        else { return false }
        guard page.host.asciiLowercased == server.host.asciiLowercased else { return false }
        return page.port == server.port || host.utf8.portColon == nil
    }

    /// The headers that a response to a page of `origin` carries.
    func responseFields(origin: String?) -> [(String, String)] {
        var fields: [(String, String)] = []
        switch origins {
        case .none:
            return []
        case .any where !allowsCredentials:
            fields.append(("Access-Control-Allow-Origin", "*"))
        case .any:
            fields.append(("Vary", "Origin"))
            guard let origin else { return fields }
            fields.append(("Access-Control-Allow-Origin", origin))
        case .listed(let listed):
            fields.append(("Vary", "Origin"))
            guard let origin, listed.contains(origin.asciiLowercased) else { return fields }
            fields.append(("Access-Control-Allow-Origin", origin))
        }
        if allowsCredentials { fields.append(("Access-Control-Allow-Credentials", "true")) }
        if !exposedHeaders.isEmpty {
            fields.append(("Access-Control-Expose-Headers", exposedHeaders.joined(separator: ",")))
        }
        return fields
    }

    /// The further headers of the answer to a preflight request.
    ///
    /// - Parameter known: The methods that there are.
    func preflightFields(
        methods known: [String] = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"], requestedHeaders: String?
    ) -> [(String, String)] {
        var fields = [("Access-Control-Allow-Methods", (methods ?? known).joined(separator: ","))]
        if let allowedHeaders {
            fields.append(("Access-Control-Allow-Headers", allowedHeaders.joined(separator: ",")))
        } else {
            // Also where there are none: a cache must not give the answer to a request that has some.
            fields.append(("Vary", "Access-Control-Request-Headers"))
            if let requestedHeaders { fields.append(("Access-Control-Allow-Headers", requestedHeaders)) }
        }
        if let maxAge { fields.append(("Access-Control-Max-Age", String(maxAge.bounded.components.seconds))) }
        return fields
    }
}
