/// Where the certificate of one end is, and its private key.
package enum TLSIdentity: Hashable, Sendable {
    /// Two PEM files: the chain, the own certificate first, and the key, without a password.
    case pem(certificate: String, key: String)
    /// A PKCS#12 file with both.
    case pkcs12(String, password: String)
}

/// Whom a server asks for a certificate.
package enum TLSClientCertificates: Hashable, Sendable {
    /// Nobody.
    case ignored
    /// Everybody; who has one must have it from an authority of this PEM file.
    case optional(authorities: String)
    /// Everybody, and who has none is refused.
    case required(authorities: String)
}

/// What a peer has shown of itself, and was verified.
package struct TLSPeerCertificate: Hashable, Sendable {
    /// As RFC 4514 writes it, in UTF-8.
    package let subject: String
    /// Its SHA-256, in small hexadecimal digits.
    package let fingerprint: String
}
