internal import NetLoop

/// Who a server is on secure connections: `https` and `wss`, with TLS 1.2 or 1.3.
///
/// ```swift
/// try await io.run(port: 443, tls: .pem(certificate: "chain.pem", key: "key.pem"))
/// ```
///
/// Uses OpenSSL 3 (`libssl3`), which is loaded when the server begins to listen. Changed files are read by a server that
/// begins to listen after.
public struct ServerTLS: Hashable, Sendable {
    private let certificate: String
    private let key: String

    /// An identity in two files.
    ///
    /// - Parameters:
    ///   - certificate: The path of a PEM file with the chain, the server's own certificate first.
    ///   - key: The path of a PEM file with its private key, without a password.
    public static func pem(certificate: String, key: String) -> ServerTLS {
        ServerTLS(certificate: certificate, key: key)
    }

    private init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    func makeContext() throws(TLSError) -> TLSContext {
        try .server(certificate: certificate, key: key)
    }
}
