// Who this end is, and whom it asks for a certificate.

extension OpenSSLContext {
    private enum Constant {
        static let pem: CInt = 1
        static let replaces: CInt = 1
        static let verifyPeer: CInt = 1
        static let failWithoutCertificate: CInt = 2
        static let controlNameCallback: CInt = 53
        static let controlNameArgument: CInt = 54
        static let nameIsKnown: CInt = 0
        static let nameIsIgnored: CInt = 3
    }

    borrowing func useIdentity(_ identity: TLSIdentity) throws(TLSError) {
        switch identity {
        case .pem(let certificate, let key): try useIdentity(certificate: certificate, key: key)
        case .pkcs12(let path, let password): try useIdentity(bundle: path, password: password)
        }
    }

    /// Uses the chain and the key of two PEM files.
    private borrowing func useIdentity(certificate: String, key: String) throws(TLSError) {
        // A key with a password would be asked for on the terminal: it is refused instead.
        unsafe library.setPasswordCallback(context, { _, _, _, _ in 0 })
        library.clearErrors()
        // SAFETY: paths are passed as null-terminated copies.
        guard unsafe library.usePrivateKey(context, key, Constant.pem) == 1 else {
            throw .keyFile(key, library.takeError())
        }
        guard unsafe library.useCertificateChain(context, certificate) == 1 else {
            throw .certificateFile(certificate, library.takeError())
        }
        guard unsafe library.checkPrivateKey(context) == 1 else {
            library.clearErrors()
            throw .keyMismatch(certificate: certificate, key: key)
        }
    }

    /// Uses the chain and the key of a PKCS#12 file (RFC 7292).
    private borrowing func useIdentity(bundle path: String, password: String) throws(TLSError) {
        library.clearErrors()
        // SAFETY: texts are passed as null-terminated copies; each object that a call makes is freed here, and the context
        // counts its own uses of them.
        guard let file = unsafe library.openFile(path, "rb") else { throw .bundle(path, library.takeError()) }
        defer { unsafe _ = library.freeBIO(file) }
        guard let bundle = unsafe library.readPKCS12(file, nil) else { throw .bundle(path, library.takeError()) }
        defer { unsafe library.freePKCS12(bundle) }
        var key: OpenSSLLibrary.Object?
        var certificate: OpenSSLLibrary.Object?
        var chain: OpenSSLLibrary.Object?
        guard unsafe library.parsePKCS12(bundle, password, &key, &certificate, &chain) == 1 else {
            throw .bundle(path, library.takeError())
        }
        defer {
            unsafe library.freeKey(key)
            unsafe library.freeCertificate(certificate)
            unsafe library.freeStack(chain, library.freeCertificate)
        }
        guard unsafe key != nil, unsafe certificate != nil else {
            throw .bundle(path, "there is no certificate with its key in it")
        }
        guard unsafe library.useCertificateAndKey(context, certificate, key, chain, Constant.replaces) == 1 else {
            throw .bundle(path, library.takeError())
        }
    }

    /// Asks clients for certificates, and verifies those that come, against the authorities of a PEM file alone.
    borrowing func askClients(authorities path: String, mustAnswer: Bool) throws(TLSError) {
        library.clearErrors()
        // SAFETY: paths are passed as null-terminated copies; the list of names belongs to the context from then on.
        guard unsafe library.addRoots(context, path) == 1, let names = unsafe library.loadNames(path) else {
            throw .certificateFile(path, library.takeError())
        }
        unsafe library.setClientAuthorities(context, names)
        unsafe library.setVerify(
            context, mustAnswer ? Constant.verifyPeer | Constant.failWithoutCertificate : Constant.verifyPeer, nil)
        // Without it no session whose client was verified can be resumed.
        let id: [UInt8] = Array("socket.io".utf8)
        unsafe _ = library.setSessionIDContext(context, id, CUnsignedInt(id.count))
    }

    /// Has `names` say who this end is to a client that means one of them. They have to live as long as a session that
    /// shakes hands.
    borrowing func choose(among names: OpenSSLNames) {
        // SAFETY: what it is called with is the argument that is set below, whose life is the caller's promise.
        unsafe _ = library.setNameCallback(context, Constant.controlNameCallback) { session, _, argument in
            guard let session = unsafe session, let argument = unsafe argument else { return Constant.nameIsIgnored }
            let names = unsafe Unmanaged<OpenSSLNames>.fromOpaque(argument).takeUnretainedValue()
            return unsafe names.choose(for: session) ? Constant.nameIsKnown : Constant.nameIsIgnored
        }
        unsafe _ = library.controlContext(
            context, Constant.controlNameArgument, 0, Unmanaged.passUnretained(names).toOpaque())
    }
}
