/// What the secure connections of one server, or of one client, have in common: whom they trust and who they are.
///
/// Costs some milliseconds and a few hundred kilobytes for a client, whose roots are read: make one and keep it. Any
/// thread.
package final class TLSContext: Sendable {
    private enum Role: Sendable {
        case client(verifies: Bool)
        case server
    }

    private let role: Role
    private let raw: OpenSSLContext
    /// Kept for `raw`, which asks it.
    private let names: OpenSSLNames?

    private init(_ role: Role, _ raw: consuming OpenSSLContext, names: OpenSSLNames? = nil) {
        self.role = role
        self.raw = raw
        self.names = names
    }

    /// For connections to servers, whose chain and name are verified against the system's roots: TLS 1.2 or 1.3.
    ///
    /// - Parameters:
    ///   - extraRoots: A PEM file with further certificates to trust.
    ///   - identity: What is shown to servers that ask for it.
    ///   - speaksHTTP: Whether servers are told so (ALPN).
    /// - Throws: `libraryMissing`, `certificateFile`, or what is wrong with the identity.
    package static func client(
        extraRoots: String? = nil, identity: TLSIdentity? = nil, speaksHTTP: Bool = true
    ) throws(TLSError) -> TLSContext {
        let raw = try OpenSSLContext()
        try raw.verifyPeers(extraRoots: extraRoots)
        if let identity { try raw.useIdentity(identity) }
        if speaksHTTP { raw.offerHTTP() }
        return TLSContext(.client(verifies: true), raw)
    }

    /// For connections to servers of which nothing is verified: whoever is on the way can read and change everything.
    ///
    /// - Throws: `libraryMissing`, or what is wrong with the identity.
    package static func clientWithoutVerification(identity: TLSIdentity? = nil) throws(TLSError) -> TLSContext {
        let raw = try OpenSSLContext()
        if let identity { try raw.useIdentity(identity) }
        raw.offerHTTP()
        return TLSContext(.client(verifies: false), raw)
    }

    /// For a server's connections.
    ///
    /// - Parameters:
    ///   - certificate: A PEM file with the chain, the server's own certificate first.
    ///   - key: A PEM file with the private key, without a password.
    /// - Throws: `libraryMissing`, `certificateFile`, `keyFile` or `keyMismatch`.
    package static func server(certificate: String, key: String) throws(TLSError) -> TLSContext {
        try server(.pem(certificate: certificate, key: key))
    }

    /// For the connections of a server that may have several names, and may ask who its clients are.
    ///
    /// - Parameters:
    ///   - identity: Who it is to clients that mean no name, or none of `identities`.
    ///   - identities: Who it is under other names, `*.example.com` for all with one more label.
    /// - Throws: `libraryMissing`, or what is wrong with a file.
    package static func server(
        _ identity: TLSIdentity, named identities: [String: TLSIdentity] = [:],
        clients: TLSClientCertificates = .ignored
    ) throws(TLSError) -> TLSContext {
        let raw = try serverContext(identity, clients)
        guard !identities.isEmpty else { return TLSContext(.server, raw) }
        let names = try OpenSSLNames(identities) { identity throws(TLSError) in try serverContext(identity, clients) }
        raw.choose(among: names)
        return TLSContext(.server, raw, names: names)
    }

    private static func serverContext(
        _ identity: TLSIdentity, _ clients: TLSClientCertificates
    ) throws(TLSError) -> OpenSSLContext {
        let raw = try OpenSSLContext()
        try raw.useIdentity(identity)
        raw.acceptHTTP()
        switch clients {
        case .ignored: break
        case .optional(let authorities): try raw.askClients(authorities: authorities, mustAnswer: false)
        case .required(let authorities): try raw.askClients(authorities: authorities, mustAnswer: true)
        }
        return raw
    }

    /// This end of a new connection.
    ///
    /// - Parameter host: Whom a client means: a name or a numeric address. Without effect for a server.
    package func makeEngine(host: String = "") throws(TLSError) -> TLSEngine {
        switch role {
        case .client(let verifies):
            TLSEngine(try raw.makeSession(.client(name: host, isVerified: verifies)), of: self)
        case .server:
            TLSEngine(try raw.makeSession(.server), of: self)
        }
    }
}
