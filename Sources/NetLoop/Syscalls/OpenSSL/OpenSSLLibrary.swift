/// The functions of OpenSSL 3 that are used, loaded when somebody asks for TLS.
@safe final class OpenSSLLibrary: Sendable {
    /// An object of the library's own: `SSL_CTX *`, `SSL *`, `BIO *` and the like.
    typealias Object = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias ALPNCallback =
        @convention(c) (
            Object?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, CUnsignedInt, UnsafeMutableRawPointer?
        ) -> CInt
    typealias NameCallback =
        @convention(c) (Object?, UnsafeMutablePointer<CInt>?, UnsafeMutableRawPointer?) -> CInt
    typealias PasswordCallback =
        @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt

    // MARK: Contexts

    let tlsMethod: @convention(c) @Sendable () -> Object?
    let newContext: @convention(c) @Sendable (Object?) -> Object?
    let freeContext: @convention(c) @Sendable (Object?) -> Void
    let controlContext: @convention(c) @Sendable (Object?, CInt, CLong, UnsafeMutableRawPointer?) -> CLong
    let setContextOptions: @convention(c) @Sendable (Object?, UInt64) -> UInt64
    let setVerify: @convention(c) @Sendable (Object?, CInt, UnsafeMutableRawPointer?) -> Void
    let useSystemRoots: @convention(c) @Sendable (Object?) -> CInt
    let addRoots: @convention(c) @Sendable (Object?, Text?) -> CInt
    let useCertificateChain: @convention(c) @Sendable (Object?, Text?) -> CInt
    let usePrivateKey: @convention(c) @Sendable (Object?, Text?, CInt) -> CInt
    let checkPrivateKey: @convention(c) @Sendable (Object?) -> CInt
    let setPasswordCallback: @convention(c) @Sendable (Object?, PasswordCallback?) -> Void
    let offerProtocols: @convention(c) @Sendable (Object?, UnsafePointer<UInt8>?, CUnsignedInt) -> CInt
    let chooseProtocol: @convention(c) @Sendable (Object?, ALPNCallback?, UnsafeMutableRawPointer?) -> Void

    let useCertificateAndKey: @convention(c) @Sendable (Object?, Object?, Object?, Object?, CInt) -> CInt
    let setNameCallback: @convention(c) @Sendable (Object?, CInt, NameCallback?) -> CLong
    let setClientAuthorities: @convention(c) @Sendable (Object?, Object?) -> Void

    // MARK: Certificates

    let loadNames: @convention(c) @Sendable (Text?) -> Object?
    let openFile: @convention(c) @Sendable (Text?, Text?) -> Object?
    let readPKCS12: @convention(c) @Sendable (Object?, UnsafeMutablePointer<Object?>?) -> Object?
    let parsePKCS12:
        @convention(c) @Sendable (
            Object?, Text?, UnsafeMutablePointer<Object?>?, UnsafeMutablePointer<Object?>?,
            UnsafeMutablePointer<Object?>?
        ) -> CInt
    let freePKCS12: @convention(c) @Sendable (Object?) -> Void
    let freeKey: @convention(c) @Sendable (Object?) -> Void
    let freeCertificate: @convention(c) @Sendable (Object?) -> Void
    let freeStack: @convention(c) @Sendable (Object?, (@convention(c) (Object?) -> Void)?) -> Void
    let subject: @convention(c) @Sendable (Object?) -> Object?
    let printName: @convention(c) @Sendable (Object?, Object?, CInt, CUnsignedLong) -> CInt
    let sha256: @convention(c) @Sendable () -> Object?
    let digest:
        @convention(c) @Sendable (
            Object?, Object?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CUnsignedInt>?
        ) -> CInt

    // MARK: Sessions

    let newSession: @convention(c) @Sendable (Object?) -> Object?
    let freeSession: @convention(c) @Sendable (Object?) -> Void
    let controlSession: @convention(c) @Sendable (Object?, CInt, CLong, UnsafeMutableRawPointer?) -> CLong
    let setReadBIO: @convention(c) @Sendable (Object?, Object?) -> Void
    let setWriteBIO: @convention(c) @Sendable (Object?, Object?) -> Void
    let beClient: @convention(c) @Sendable (Object?) -> Void
    let beServer: @convention(c) @Sendable (Object?) -> Void
    let expectHost: @convention(c) @Sendable (Object?, Text?) -> CInt
    let setHostFlags: @convention(c) @Sendable (Object?, CUnsignedInt) -> Void
    let verifyParameters: @convention(c) @Sendable (Object?) -> Object?
    let expectAddress: @convention(c) @Sendable (Object?, Text?) -> CInt
    let doHandshake: @convention(c) @Sendable (Object?) -> CInt
    let isHandshakeFinished: @convention(c) @Sendable (Object?) -> CInt
    let read: @convention(c) @Sendable (Object?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CInt
    let write: @convention(c) @Sendable (Object?, UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CInt
    let shutDown: @convention(c) @Sendable (Object?) -> CInt
    let error: @convention(c) @Sendable (Object?, CInt) -> CInt
    let verifyResult: @convention(c) @Sendable (Object?) -> CLong
    let version: @convention(c) @Sendable (Object?) -> Text?
    let serverName: @convention(c) @Sendable (Object?, CInt) -> Text?
    let switchContext: @convention(c) @Sendable (Object?, Object?) -> Object?
    let peerCertificate: @convention(c) @Sendable (Object?) -> Object?
    let chosenProtocol:
        @convention(c) @Sendable (
            Object?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<CUnsignedInt>?
        ) -> Void

    // MARK: Memory BIOs and errors

    let memoryMethod: @convention(c) @Sendable () -> Object?
    let newBIO: @convention(c) @Sendable (Object?) -> Object?
    let freeBIO: @convention(c) @Sendable (Object?) -> CInt
    let writeBIO: @convention(c) @Sendable (Object?, UnsafeRawPointer?, CInt) -> CInt
    let controlBIO: @convention(c) @Sendable (Object?, CInt, CLong, UnsafeMutableRawPointer?) -> CLong
    let clearErrors: @convention(c) @Sendable () -> Void
    let nextError: @convention(c) @Sendable () -> CUnsignedLong
    let reason: @convention(c) @Sendable (CUnsignedLong) -> Text?
    let verifyReason: @convention(c) @Sendable (CLong) -> Text?

    private static let loaded = Result { () throws(SharedLibraryMissing) in try OpenSSLLibrary() }
        .mapError { TLSError.libraryMissing($0.detail) }

    /// The library, loaded by whoever asks first.
    static func load() throws(TLSError) -> OpenSSLLibrary {
        try loaded.get()
    }

    private init() throws(SharedLibraryMissing) {
        // The other half, libcrypto, comes with it.
        #if canImport(Darwin)
            // Compiled and tried by nobody yet: CI has Linux only, and the system's own library is not OpenSSL.
            let name = "libssl.3.dylib"
        #else
            let name = "libssl.so.3"
        #endif
        let symbols = try SharedLibrary(name)
        try Self.initialize(symbols)
        unsafe tlsMethod = try symbols.find("TLS_method")
        unsafe newContext = try symbols.find("SSL_CTX_new")
        unsafe freeContext = try symbols.find("SSL_CTX_free")
        unsafe controlContext = try symbols.find("SSL_CTX_ctrl")
        unsafe setContextOptions = try symbols.find("SSL_CTX_set_options")
        unsafe setVerify = try symbols.find("SSL_CTX_set_verify")
        unsafe useSystemRoots = try symbols.find("SSL_CTX_set_default_verify_paths")
        unsafe addRoots = try symbols.find("SSL_CTX_load_verify_file")
        unsafe useCertificateChain = try symbols.find("SSL_CTX_use_certificate_chain_file")
        unsafe usePrivateKey = try symbols.find("SSL_CTX_use_PrivateKey_file")
        unsafe checkPrivateKey = try symbols.find("SSL_CTX_check_private_key")
        unsafe setPasswordCallback = try symbols.find("SSL_CTX_set_default_passwd_cb")
        unsafe offerProtocols = try symbols.find("SSL_CTX_set_alpn_protos")
        unsafe chooseProtocol = try symbols.find("SSL_CTX_set_alpn_select_cb")
        unsafe useCertificateAndKey = try symbols.find("SSL_CTX_use_cert_and_key")
        unsafe setNameCallback = try symbols.find("SSL_CTX_callback_ctrl")
        unsafe setClientAuthorities = try symbols.find("SSL_CTX_set_client_CA_list")
        unsafe loadNames = try symbols.find("SSL_load_client_CA_file")
        unsafe openFile = try symbols.find("BIO_new_file")
        unsafe readPKCS12 = try symbols.find("d2i_PKCS12_bio")
        unsafe parsePKCS12 = try symbols.find("PKCS12_parse")
        unsafe freePKCS12 = try symbols.find("PKCS12_free")
        unsafe freeKey = try symbols.find("EVP_PKEY_free")
        unsafe freeCertificate = try symbols.find("X509_free")
        unsafe freeStack = try symbols.find("OPENSSL_sk_pop_free")
        unsafe subject = try symbols.find("X509_get_subject_name")
        unsafe printName = try symbols.find("X509_NAME_print_ex")
        unsafe sha256 = try symbols.find("EVP_sha256")
        unsafe digest = try symbols.find("X509_digest")
        unsafe newSession = try symbols.find("SSL_new")
        unsafe freeSession = try symbols.find("SSL_free")
        unsafe controlSession = try symbols.find("SSL_ctrl")
        unsafe setReadBIO = try symbols.find("SSL_set0_rbio")
        unsafe setWriteBIO = try symbols.find("SSL_set0_wbio")
        unsafe beClient = try symbols.find("SSL_set_connect_state")
        unsafe beServer = try symbols.find("SSL_set_accept_state")
        unsafe expectHost = try symbols.find("SSL_set1_host")
        unsafe setHostFlags = try symbols.find("SSL_set_hostflags")
        unsafe verifyParameters = try symbols.find("SSL_get0_param")
        unsafe expectAddress = try symbols.find("X509_VERIFY_PARAM_set1_ip_asc")
        unsafe doHandshake = try symbols.find("SSL_do_handshake")
        unsafe isHandshakeFinished = try symbols.find("SSL_is_init_finished")
        unsafe read = try symbols.find("SSL_read_ex")
        unsafe write = try symbols.find("SSL_write_ex")
        unsafe shutDown = try symbols.find("SSL_shutdown")
        unsafe error = try symbols.find("SSL_get_error")
        unsafe verifyResult = try symbols.find("SSL_get_verify_result")
        unsafe version = try symbols.find("SSL_get_version")
        unsafe serverName = try symbols.find("SSL_get_servername")
        unsafe switchContext = try symbols.find("SSL_set_SSL_CTX")
        unsafe peerCertificate = try symbols.find("SSL_get0_peer_certificate")
        unsafe chosenProtocol = try symbols.find("SSL_get0_alpn_selected")
        unsafe memoryMethod = try symbols.find("BIO_s_mem")
        unsafe newBIO = try symbols.find("BIO_new")
        unsafe freeBIO = try symbols.find("BIO_free")
        unsafe writeBIO = try symbols.find("BIO_write")
        unsafe controlBIO = try symbols.find("BIO_ctrl")
        clearErrors = try symbols.find("ERR_clear_error")
        nextError = try symbols.find("ERR_get_error")
        unsafe reason = try symbols.find("ERR_reason_error_string")
        unsafe verifyReason = try symbols.find("X509_verify_cert_error_string")
    }

    /// Initializes the library before anything else does: without a clean-up at the exit of the process, which would free
    /// what loops on other threads still use.
    private static func initialize(_ symbols: SharedLibrary) throws(SharedLibraryMissing) {
        let start: @convention(c) (UInt64, OpaquePointer?) -> CInt
        unsafe start = try symbols.find("OPENSSL_init_ssl")
        // SAFETY: there are no settings. It fails only if the library was cleaned up already.
        guard unsafe start(noCleanUpAtExit, nil) == 1 else {
            throw SharedLibraryMissing(detail: "OpenSSL does not start")
        }
    }

    /// `OPENSSL_INIT_NO_ATEXIT`.
    private static let noCleanUpAtExit: UInt64 = 0x0008_0000

    /// Takes this thread's oldest error, in the library's words.
    func takeError() -> String {
        // SAFETY: the text is a null-terminated string of the library's, copied.
        let text = unsafe reason(nextError()).map { unsafe String(cString: $0) }
        clearErrors()
        return text ?? "OpenSSL does not say why"
    }
}
