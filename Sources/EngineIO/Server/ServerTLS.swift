internal import NetLoop

/// Who a server is on secure connections: `https` and `wss`, with TLS 1.2 or 1.3.
///
/// ```swift
/// try await io.run(port: 443, tls: .pem(certificate: "chain.pem", key: "key.pem"))
/// ```
///
/// Uses OpenSSL 3 (`libssl3`), which is loaded when the server begins to listen. The files are read then, and again by
/// `reloadTLS()`.
public struct ServerTLS: Hashable, Sendable {
    /// A certificate with its private key.
    public struct Identity: Hashable, Sendable {
        let files: TLSIdentity

        /// An identity in two files.
        ///
        /// - Parameters:
        ///   - certificate: The path of a PEM file with the chain, the server's own certificate first.
        ///   - key: The path of a PEM file with its private key, without a password.
        public static func pem(certificate: String, key: String) -> Identity {
            Identity(files: .pem(certificate: certificate, key: key))
        }

        /// An identity in one file, with the certificates between it and its authority (PKCS#12, `.p12` or `.pfx`).
        ///
        /// - Parameters:
        ///   - path: The file's path.
        ///   - password: What it is encrypted with; by default nothing. OpenSSL 3 does not read files that are encrypted with RC2,
        ///     as old programs write them.
        public static func pkcs12(_ path: String, password: String = "") -> Identity {
            Identity(files: .pkcs12(path, password: password))
        }
    }

    /// Which clients are asked for a certificate. Whether one was revoked is not looked up: name an authority that issues for a
    /// short time, or look at `ClientCertificate.fingerprint`.
    public struct ClientCertificates: Hashable, Sendable {
        let kind: TLSClientCertificates

        /// None.
        public static let ignored = ClientCertificates(kind: .ignored)

        /// All, who may have none: one that was not issued by an authority ends the connection.
        ///
        /// - Parameter authorities: The path of a PEM file with the certificates of those who issue them.
        public static func optional(authorities: String) -> ClientCertificates {
            ClientCertificates(kind: .optional(authorities: authorities))
        }

        /// All, and who has none gets no connection.
        ///
        /// - Parameter authorities: The path of a PEM file with the certificates of those who issue them.
        public static func required(authorities: String) -> ClientCertificates {
            ClientCertificates(kind: .required(authorities: authorities))
        }
    }

    /// Who the server is to clients that ask for no name, or for none of `identities`.
    public var identity: Identity
    /// Who it is under other names, by what clients ask for (SNI, RFC 6066 3): `chat.example`, or `*.chat.example` for all names
    /// with one label more. By default empty.
    public var identities: [String: Identity] = [:]
    /// Which clients are asked for a certificate, under all names; by default none. `HTTPRequest.clientCertificate` has it.
    public var clientCertificates = ClientCertificates.ignored

    /// A server with one name.
    public init(_ identity: Identity) {
        self.identity = identity
    }

    /// A server with one name, whose identity is in two files.
    ///
    /// - Parameters:
    ///   - certificate: The path of a PEM file with the chain, the server's own certificate first.
    ///   - key: The path of a PEM file with its private key, without a password.
    public static func pem(certificate: String, key: String) -> ServerTLS {
        ServerTLS(.pem(certificate: certificate, key: key))
    }

    /// A server with one name, whose identity is in one file; see `Identity.pkcs12`.
    public static func pkcs12(_ path: String, password: String = "") -> ServerTLS {
        ServerTLS(.pkcs12(path, password: password))
    }

    func makeContext() throws(TLSError) -> TLSContext {
        try .server(
            identity.files, named: identities.mapValues(\.files), clients: clientCertificates.kind)
    }
}

/// The certificate that a client has shown, and one of `ServerTLS.clientCertificates` vouches for.
public struct ClientCertificate: Hashable, Sendable {
    /// Whose it is, as RFC 4514 writes it: `CN=Ada,O=Example`.
    public let subject: String
    /// The SHA-256 of the certificate, in 64 small hexadecimal digits: what tells it from every other.
    public let fingerprint: String
}

extension ClientCertificate {
    init(_ certificate: TLSPeerCertificate) {
        self.init(subject: certificate.subject, fingerprint: certificate.fingerprint)
    }

    /// From what a request keeps of it: the digits, and the subject behind them.
    init?(kept: String) {
        let bytes = Array(kept.utf8)
        guard bytes.count >= 64 else { return nil }
        self.init(
            subject: String(decoding: bytes[64...], as: UTF8.self),
            fingerprint: String(decoding: bytes[..<64], as: UTF8.self))
    }

    var kept: String { fingerprint + subject }
}
