/// A secure connection did not come about, or could not go on.
package enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// OpenSSL 3 is not installed, or lacks a function; with the loader's words.
    case libraryMissing(String)
    /// A file with certificates cannot be read, or holds none.
    case certificateFile(String, String)
    /// A file with a private key cannot be read, is encrypted or holds none.
    case keyFile(String, String)
    /// The key is not that of the certificate.
    case keyMismatch(certificate: String, key: String)
    /// A PKCS#12 file cannot be read, has another password, or holds no certificate with its key.
    case bundle(String, String)
    /// The peer vouches for itself.
    case selfSigned
    /// Nobody known vouches for the peer: the root is unknown, or a certificate between is missing.
    case unknownIssuer
    case expired
    case notYetValid
    /// The certificate is another host's; with the name that was meant.
    case wrongHost(String)
    /// The certificate is not to be trusted for another reason, in OpenSSL's words.
    case untrusted(String)
    /// The two do not understand each other, in OpenSSL's words.
    case failed(String)

    /// What happened and what to do.
    package var description: String {
        switch self {
        case .libraryMissing(let detail):
            "TLS needs OpenSSL 3, which is not there: \(detail). Install it: `apt-get install libssl3`, "
                + "`dnf install openssl-libs` or `apk add libssl3`."
        case .certificateFile(let path, let detail):
            "no certificate can be read from \(path): \(detail). Give a PEM file, the chain from the server's own on."
        case .keyFile(let path, let detail):
            "no private key can be read from \(path): \(detail). Give a PEM file without a password."
        case .keyMismatch(let certificate, let key):
            "the key in \(key) does not belong to the first certificate in \(certificate)."
        case .bundle(let path, let detail):
            "no certificate with its key can be read from \(path): \(detail). Give a PKCS#12 file and its password."
        case .selfSigned:
            "the server's certificate is signed by itself. Name it as an extra root if it is yours."
        case .unknownIssuer:
            "the server's certificate is signed by an unknown authority. Name the authority as an extra root, or have "
                + "the server send its whole chain."
        case .expired:
            "the server's certificate has expired. Renew it, and check this machine's clock."
        case .notYetValid:
            "the server's certificate is not valid yet. Check this machine's clock."
        case .wrongHost(let host):
            "the server's certificate is not for \(host). Connect by a name that it has, or have it renewed with this "
                + "one."
        case .untrusted(let detail):
            "the server's certificate is not trusted: \(detail)."
        case .failed(let detail):
            "TLS failed: \(detail)."
        }
    }
}
