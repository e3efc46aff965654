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

    private init(_ role: Role, _ raw: consuming OpenSSLContext) {
        self.role = role
        self.raw = raw
    }

    /// For connections to servers, whose chain and name are verified against the system's roots: TLS 1.2 or 1.3.
    ///
    /// - Parameter extraRoots: A PEM file with further certificates to trust.
    /// - Throws: `libraryMissing` or `certificateFile`.
    package static func client(extraRoots: String? = nil) throws(TLSError) -> TLSContext {
        let raw = try OpenSSLContext()
        try raw.verifyPeers(extraRoots: extraRoots)
        raw.offerHTTP()
        return TLSContext(.client(verifies: true), raw)
    }

    /// For connections to servers of which nothing is verified: whoever is on the way can read and change everything.
    ///
    /// - Throws: `libraryMissing`.
    package static func clientWithoutVerification() throws(TLSError) -> TLSContext {
        let raw = try OpenSSLContext()
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
        let raw = try OpenSSLContext()
        try raw.useIdentity(certificate: certificate, key: key)
        raw.acceptHTTP()
        return TLSContext(.server, raw)
    }

    /// This end of a new connection.
    ///
    /// - Parameter host: Whom a client means: a name or a numeric address. Without effect for a server.
    package func makeEngine(host: String = "") throws(TLSError) -> TLSEngine {
        switch role {
        case .client(let verifies):
            TLSEngine(try raw.makeSession(.client(name: host, isVerified: verifies)))
        case .server:
            TLSEngine(try raw.makeSession(.server))
        }
    }
}
