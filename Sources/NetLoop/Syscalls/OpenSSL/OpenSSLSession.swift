#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An `SSL` between two memory BIOs: ciphertext is put in and taken out by hand, and nothing touches a socket.
///
/// One thread at a time; it may be another one each time.
@safe struct OpenSSLSession: ~Copyable {
    /// Who speaks.
    enum End {
        case client(name: String, isVerified: Bool)
        case server
    }

    enum Outcome {
        case bytes(Int)
        /// Nothing before the peer has sent more.
        case nothing
        /// The peer said that it sends nothing more.
        case end
        case failure(TLSError)
    }

    private let library: OpenSSLLibrary
    private let session: OpenSSLLibrary.Object
    /// Ciphertext from the peer; `session` owns it.
    private var incoming: OpenSSLLibrary.Object
    /// Ciphertext for the peer; `session` owns it.
    private var outgoing: OpenSSLLibrary.Object
    /// Whom a client means.
    private let host: String

    /// What a BIO may keep allocated while it is empty.
    private static let keptBytes = 16 * 1024

    private enum Constant {
        static let controlHostName: CInt = 55
        static let bioReset: CInt = 1
        static let bioInfo: CInt = 3
        static let noPartialWildcards: CUnsignedInt = 4
        static let errorSSL: CInt = 1
        static let errorWantsRead: CInt = 2
        static let errorWantsWrite: CInt = 3
        static let errorEnd: CInt = 6
        static let digestBytes = 32
        /// `XN_FLAG_RFC2253`, but with letters beyond ASCII as they are.
        static let nameFlags: CUnsignedLong = 0x0111_0313
    }

    /// Takes a new `SSL` over, if there is one.
    init(of session: OpenSSLLibrary.Object?, _ end: End, _ library: OpenSSLLibrary) throws(TLSError) {
        // SAFETY: the session owns both BIOs from `set…BIO` on; what was made before a failure is freed here.
        guard let session = unsafe session else { throw .failed(library.takeError()) }
        guard let incoming = unsafe library.newBIO(library.memoryMethod()) else {
            unsafe library.freeSession(session)
            throw .failed(library.takeError())
        }
        guard let outgoing = unsafe library.newBIO(library.memoryMethod()) else {
            unsafe _ = library.freeBIO(incoming)
            unsafe library.freeSession(session)
            throw .failed(library.takeError())
        }
        unsafe library.setReadBIO(session, incoming)
        unsafe library.setWriteBIO(session, outgoing)
        self.library = library
        unsafe self.session = session
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
        switch end {
        case .server: host = ""
        // RFC 6066 3: without the dot that ends a full name.
        case .client(let name, _): host = name.hasSuffix(".") ? String(name.dropLast()) : name
        }
    }

    deinit {
        // SAFETY: made in `init`; the BIOs go with it.
        unsafe library.freeSession(session)
    }

    /// Says which end this is, before anything else.
    func begin(_ end: End) throws(TLSError) {
        switch end {
        case .server:
            unsafe library.beServer(session)
        case .client(_, let isVerified):
            unsafe library.beClient(session)
            guard expectHost(isVerified: isVerified) else { throw .failed(library.takeError()) }
        }
    }

    private func expectHost(isVerified: Bool) -> Bool {
        // SAFETY: names are passed as null-terminated copies; the parameters belong to the session.
        if SocketAddress(host: host, port: 0) != nil, host != "localhost" {
            // RFC 6066 3: an address is not sent as a name.
            guard isVerified else { return true }
            return unsafe library.expectAddress(library.verifyParameters(session), host) == 1
        }
        var name = Array(host.utf8CString)
        let isNamed = unsafe name.withUnsafeMutableBytes { bytes in
            unsafe library.controlSession(session, Constant.controlHostName, 0, bytes.baseAddress) == 1
        }
        guard isVerified else { return isNamed }
        unsafe library.setHostFlags(session, Constant.noPartialWildcards)
        let isExpected = unsafe library.expectHost(session, host) == 1
        return isNamed && isExpected
    }

    var isHandshakeFinished: Bool { unsafe library.isHandshakeFinished(session) == 1 }

    /// The version that both speak: `TLSv1.3`.
    var version: String { unsafe library.version(session).map { unsafe String(cString: $0) } ?? "" }

    /// The application's protocol, if one was agreed on.
    var chosenProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: CUnsignedInt = 0
        unsafe library.chosenProtocol(session, &start, &count)
        guard let start = unsafe start, count > 0 else { return nil }
        // SAFETY: the session's own bytes, copied.
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// The certificate that the peer has shown; nil if it has shown none.
    var peerCertificate: TLSPeerCertificate? {
        // SAFETY: the certificate belongs to the session, and its name to it.
        guard let certificate = unsafe library.peerCertificate(session) else { return nil }
        guard let subject = unsafe text(ofName: library.subject(certificate)) else { return nil }
        var digest = [UInt8](repeating: 0, count: Constant.digestBytes)
        var count: CUnsignedInt = 0
        // SAFETY: SHA-256 writes as many bytes as the array has.
        guard unsafe library.digest(certificate, library.sha256(), &digest, &count) == 1, count == digest.count else {
            return nil
        }
        let digits = Array("0123456789abcdef".utf8)
        let hex = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return TLSPeerCertificate(subject: subject, fingerprint: String(decoding: hex, as: UTF8.self))
    }

    /// A distinguished name as RFC 4514 writes it.
    @unsafe private func text(ofName name: OpenSSLLibrary.Object?) -> String? {
        // SAFETY: the BIO is freed here; its bytes are copied before that.
        guard let memory = unsafe library.newBIO(library.memoryMethod()) else { return nil }
        defer { unsafe _ = library.freeBIO(memory) }
        guard unsafe library.printName(memory, name, 0, Constant.nameFlags) >= 0 else { return nil }
        var start: UnsafePointer<UInt8>?
        let count = unsafe withUnsafeMutableBytes(of: &start) { target in
            unsafe library.controlBIO(memory, Constant.bioInfo, 0, target.baseAddress)
        }
        guard count > 0, let start = unsafe start else { return "" }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    // MARK: Plaintext

    /// Goes on with the handshake as far as it goes.
    func shakeHands() -> Outcome {
        library.clearErrors()
        let result = unsafe library.doHandshake(session)
        return result == 1 ? .bytes(0) : outcome(of: result)
    }

    /// Decrypts into `plaintext`, from `start` on.
    func read(into plaintext: inout MutableSpan<UInt8>, from start: Int) -> Outcome {
        precondition(start >= 0 && start < plaintext.count)
        library.clearErrors()
        var count = 0
        let result = unsafe plaintext.withUnsafeMutableBytes { bytes in
            // SAFETY: what may be written is the rest of the span, which is not empty.
            unsafe library.read(session, bytes.baseAddress.unsafelyUnwrapped + start, bytes.count - start, &count)
        }
        return result == 1 ? .bytes(count) : outcome(of: result)
    }

    /// Encrypts all of `plaintext`, which is not empty.
    func write(_ plaintext: Span<UInt8>) -> Outcome {
        library.clearErrors()
        var count = 0
        let result = unsafe plaintext.withUnsafeBytes { bytes in
            // SAFETY: the span's bytes are read within the call.
            unsafe library.write(session, bytes.baseAddress, bytes.count, &count)
        }
        return result == 1 ? .bytes(count) : outcome(of: result)
    }

    /// Tells the peer that nothing more comes.
    func close() {
        library.clearErrors()
        // What it returns is whether the peer said so too.
        _ = unsafe library.shutDown(session)
        library.clearErrors()
    }

    private func outcome(of result: CInt) -> Outcome {
        switch unsafe library.error(session, result) {
        case Constant.errorWantsRead, Constant.errorWantsWrite: .nothing
        case Constant.errorEnd: .end
        case Constant.errorSSL: .failure(verifyError ?? .failed(library.takeError()))
        default: .failure(.failed(library.takeError()))
        }
    }

    /// Why the peer's certificate was refused, if it was.
    private var verifyError: TLSError? {
        let code = unsafe library.verifyResult(session)
        // The values of <openssl/x509_vfy.h>.
        switch code {
        case 0: return nil
        case 18: return .selfSigned
        case 2, 19, 20, 21: return .unknownIssuer
        case 10: return .expired
        case 9: return .notYetValid
        case 62, 64: return .wrongHost(host)
        default:
            // SAFETY: a null-terminated string of the library's, copied.
            return .untrusted(unsafe library.verifyReason(code).map { unsafe String(cString: $0) } ?? "code \(code)")
        }
    }

    // MARK: Ciphertext

    /// Takes what came from the peer; false if there is no memory for it.
    func receive(_ ciphertext: Span<UInt8>) -> Bool {
        guard !ciphertext.isEmpty else { return true }
        let taken = unsafe ciphertext.withUnsafeBytes { bytes in
            // SAFETY: the bytes are copied by the call.
            unsafe library.writeBIO(incoming, bytes.baseAddress, CInt(bytes.count))
        }
        return taken == ciphertext.count
    }

    /// Lends what is for the peer to `body`, and forgets it.
    mutating func takeCiphertext(_ body: (Span<UInt8>) -> Void) {
        var start: UnsafePointer<UInt8>?
        let count = unsafe withUnsafeMutableBytes(of: &start) { target in
            // SAFETY: the call stores a pointer to its buffer in a pointer; the buffer stays until it is reset below.
            unsafe library.controlBIO(outgoing, Constant.bioInfo, 0, target.baseAddress)
        }
        guard count > 0, let start = unsafe start else { return }
        body(unsafe Span(_unsafeStart: start, count: count))
        if count > Self.keptBytes, let smaller = unsafe library.newBIO(library.memoryMethod()) {
            unsafe library.setWriteBIO(session, smaller)
            unsafe outgoing = smaller
        } else {
            _ = unsafe library.controlBIO(outgoing, Constant.bioReset, 0, nil)
        }
    }

    /// Gives back what a large `receive` allocated, once all of it is read.
    mutating func shrink(after received: Int) {
        guard received > Self.keptBytes, let smaller = unsafe library.newBIO(library.memoryMethod()) else { return }
        unsafe library.setReadBIO(session, smaller)
        unsafe incoming = smaller
    }
}
