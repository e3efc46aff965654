/// An `SSL_CTX`: what the connections of one server, or to the same servers, have in common.
///
/// `@unchecked Sendable`: it is set up by one thread and not changed after; the library counts its uses atomically.
@safe struct OpenSSLContext: ~Copyable, @unchecked Sendable {
    let library: OpenSSLLibrary
    let context: OpenSSLLibrary.Object

    /// RFC 7301 3.1: the list of protocols that are spoken, each after its length.
    private static let http11 = [UInt8](arrayLiteral: 8) + Array("http/1.1".utf8)

    private enum Constant {
        static let controlMode: CInt = 33
        static let controlSessionCache: CInt = 44
        static let controlMinimumVersion: CInt = 123
        static let tls12 = 0x0303
        /// The buffers of an idle connection are given back.
        static let modeReleaseBuffers = 0x10
        static let optionServerPreference: UInt64 = 1 << 22
        /// TLS 1.2 lets a peer ask for a new handshake at any time, which costs it nothing.
        static let optionNoRenegotiation: UInt64 = 1 << 30
        static let verifyPeer: CInt = 1
        static let alpnDone: CInt = 0
        static let alpnFatal: CInt = 2
    }

    init() throws(TLSError) {
        let library = try OpenSSLLibrary.load()
        // SAFETY: each call gets the context made here, which `deinit` frees.
        guard let context = unsafe library.newContext(library.tlsMethod()) else {
            throw .failed(library.takeError())
        }
        self.library = library
        unsafe self.context = context
        unsafe _ = library.controlContext(context, Constant.controlMinimumVersion, Constant.tls12, nil)
        unsafe _ = library.controlContext(context, Constant.controlMode, Constant.modeReleaseBuffers, nil)
        // Resumption is by tickets, which the clients keep.
        unsafe _ = library.controlContext(context, Constant.controlSessionCache, 0, nil)
        unsafe _ = library.setContextOptions(
            context, Constant.optionNoRenegotiation | Constant.optionServerPreference)
    }

    deinit {
        unsafe library.freeContext(context)
    }

    /// Verifies peers against the system's roots and those of a PEM file.
    borrowing func verifyPeers(extraRoots path: String?) throws(TLSError) {
        unsafe library.setVerify(context, Constant.verifyPeer, nil)
        // Without any the verification fails, and says so.
        _ = unsafe library.useSystemRoots(context)
        library.clearErrors()
        guard let path else { return }
        // SAFETY: paths are passed as null-terminated copies.
        guard unsafe library.addRoots(context, path) == 1 else {
            throw .certificateFile(path, library.takeError())
        }
    }

    /// Offers HTTP/1.1 to servers, which may speak something else by default.
    borrowing func offerHTTP() {
        // SAFETY: the list is copied by the call.
        _ = unsafe library.offerProtocols(context, Self.http11, CUnsignedInt(Self.http11.count))
    }

    /// Accepts clients that offer HTTP/1.1, or nothing in particular.
    borrowing func acceptHTTP() {
        unsafe library.chooseProtocol(
            context,
            { _, chosen, chosenCount, offered, offeredCount, _ in
                // SAFETY: the list has `offeredCount` bytes and outlives the call; what is chosen points into it.
                guard let offered = unsafe offered, let chosen = unsafe chosen, let chosenCount = unsafe chosenCount
                else { return Constant.alpnFatal }
                let list = unsafe Span(_unsafeStart: offered, count: Int(offeredCount))
                guard let place = OpenSSLContext.http11Offset(in: list) else { return Constant.alpnFatal }
                unsafe chosen.pointee = offered + place
                unsafe chosenCount.pointee = UInt8(OpenSSLContext.http11.count - 1)
                return Constant.alpnDone
            }, nil)
    }

    /// Where a list of protocols has `http/1.1`, behind its length.
    private static func http11Offset(in list: Span<UInt8>) -> Int? {
        var position = 0
        while position < list.count {
            let end = position + 1 + Int(list[position])
            guard end <= list.count else { return nil }
            if end - position == http11.count, (0..<http11.count).allSatisfy({ list[position + $0] == http11[$0] }) {
                return position + 1
            }
            position = end
        }
        return nil
    }

    /// One end of a new connection.
    borrowing func makeSession(_ end: OpenSSLSession.End) throws(TLSError) -> OpenSSLSession {
        let session = try unsafe OpenSSLSession(of: library.newSession(context), end, library)
        try session.begin(end)
        return session
    }
}
