internal import NetLoop
internal import SocketIOWire

/// The head of a request that another HTTP server has read: see `EngineIOServer.respond(to:body:)`.
public struct MountedRequest: Sendable {
    /// `GET`, `POST`, …
    public var method: String
    /// Path and query as the client wrote them: percent-encoded, and whole, also where the other server mounts this one below a
    /// path.
    public var target: String
    /// All fields as they came, `Host`, `Connection` and `Upgrade` among them. Where the body ends is said anew.
    public var headers: [(name: String, value: String)]
    /// The client's address, in digits, without the port. Nil where there is none, as with a Unix socket: `0.0.0.0` then, as for
    /// what is no address.
    public var remoteAddress: String?
    /// Whether the client uses TLS with the other server.
    public var isSecure: Bool

    /// A request as it came.
    public init(
        method: String, target: String, headers: [(name: String, value: String)], remoteAddress: String?,
        isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
    }
}

extension MountedRequest {
    /// Whom the server takes the client for.
    var peer: SocketAddress {
        // An address of one link is followed by the name of that link (RFC 4007 11).
        let digits = remoteAddress?.split(separator: "%", maxSplits: 1).first.map(String.init)
        return digits.flatMap { SocketAddress(host: $0, port: 0) } ?? .unknown
    }

    /// The session that it names.
    var sessionID: String? {
        guard let query = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        return HTTPQuery(Array(target.utf8[query...].dropFirst()))["sid"]
    }

    /// Whether a body belongs to it: by what its fields say, or else by its method.
    var mayHaveBody: Bool {
        if headers.contains(where: { $0.name.hasSameLetters(as: "transfer-encoding") }) { return true }
        if let count = headers.first(where: { $0.name.hasSameLetters(as: "content-length") }) {
            return count.value != "0"
        }
        return !["GET", "HEAD", "OPTIONS", "DELETE"].contains(method)
    }

    /// Its head, before a body of `length`, as the server reads it; nil if HTTP/1.1 has no words for it.
    func head(before length: HTTPBodyLength) -> [UInt8]? {
        let writer = ByteWriter()
        let isWritten = HTTPRequestWriter.appendForeignHead(
            method, target: target, fields: headers, length: length, to: writer)
        return isWritten ? writer.array() : nil
    }
}
