internal import NetLoop

extension RedisURL {
    /// Whom secure connections trust, and who this process is to Redis.
    public struct TLS: Sendable, Hashable {
        /// A certificate with its private key.
        public struct Identity: Sendable, Hashable {
            fileprivate let files: TLSIdentity

            /// An identity in two PEM files: the chain, the own certificate first, and its key, without a password.
            public static func pem(certificate: String, key: String) -> Identity {
                Identity(files: .pem(certificate: certificate, key: key))
            }

            /// An identity in one PKCS#12 file, `.p12` or `.pfx`; by default without a password.
            public static func pkcs12(_ path: String, password: String = "") -> Identity {
                Identity(files: .pkcs12(path, password: password))
            }
        }

        /// A PEM file with certificates to trust beside the system's roots.
        public var extraRoots: String?
        /// Who this process is to a Redis that asks for a certificate, as it does unless `tls-auth-clients` is `no`; by
        /// default nobody.
        public var identity: Identity?

        /// Chain and host name are verified against the system's roots; TLS 1.2 at least.
        public init() {}

        func makeContext() throws(TLSError) -> TLSContext {
            try TLSContext.client(extraRoots: extraRoots, identity: identity?.files, speaksHTTP: false)
        }
    }
}
