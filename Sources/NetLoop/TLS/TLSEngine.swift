internal import SocketIOWire

/// One end of a TLS connection without the connection: ciphertext in, plaintext out, and the other way round.
///
/// After each call take the ciphertext and send it. One thread at a time.
package final class TLSEngine {
    package enum State: Equatable {
        /// What is written waits.
        case handshaking
        case established
        /// The peer said that it sends nothing more; it still reads.
        case peerFinished
        /// Said that nothing more is sent; what arrives is not looked at.
        case closed
        /// Nothing goes in either direction any more; the ciphertext may hold an alert for the peer.
        case failed(TLSError)
    }

    package private(set) var state = State.handshaking
    private var session: OpenSSLSession
    /// Whose names the session may ask for in its handshake, when the server may have another context already.
    private let context: TLSContext
    /// What was written before the handshake was over.
    private var early: [UInt8] = []

    /// RFC 8446 5.1 and RFC 5246 6.2.3: a record is never longer, its header included.
    ///
    /// All plaintext that comes of `count` bytes of ciphertext fits in `count + maxRecordBytes`: the beginning of one
    /// record may have waited for its end.
    package static let maxRecordBytes = 5 + (1 << 14) + 2048

    /// How much may be written before the handshake is over; with more the connection fails.
    package static let maxEarlyBytes = 64 * 1024

    init(_ session: consuming OpenSSLSession, of context: TLSContext) {
        self.session = session
        self.context = context
    }

    /// The version that both speak, once the handshake is over: `TLSv1.3`.
    package var version: String { session.version }

    /// The protocol that was agreed on (ALPN), if one was.
    package var chosenProtocol: String? { session.chosenProtocol }

    /// What the peer has shown of itself, once the handshake is over; nil if that is nothing.
    package var peerCertificate: TLSPeerCertificate? { session.peerCertificate }

    /// Whether nothing is sent any more.
    package var isOver: Bool {
        switch state {
        case .handshaking, .established, .peerFinished: false
        case .closed, .failed: true
        }
    }

    /// Begins the handshake: a client has something to say.
    package func start() {
        switch state {
        case .handshaking:
            if case .failure(let error) = session.shakeHands() { fail(error) }
        case .established, .peerFinished, .closed, .failed: break
        }
    }

    /// Takes ciphertext from the peer; `read` then says what it means.
    package func receive(_ ciphertext: Span<UInt8>) {
        switch state {
        case .handshaking, .established:
            if !session.receive(ciphertext) { fail(.failed("out of memory")) }
        case .peerFinished, .closed, .failed: break
        }
    }

    /// Decrypts what was received, and goes on with the handshake.
    ///
    /// - Returns: How many bytes of `plaintext` are filled; fewer than all if nothing is left.
    package func read(into plaintext: inout MutableSpan<UInt8>) -> Int {
        var filled = 0
        while filled < plaintext.count {
            switch state {
            case .handshaking, .established: break
            case .peerFinished, .closed, .failed: return filled
            }
            let outcome = session.read(into: &plaintext, from: filled)
            noteHandshake()
            switch outcome {
            case .bytes(let count): filled += count
            case .nothing: return filled
            case .end: state = .peerFinished
            case .failure(let error): fail(error)
            }
        }
        return filled
    }

    private func noteHandshake() {
        guard case .handshaking = state, session.isHandshakeFinished else { return }
        state = .established
        let bytes = early
        early = []
        write(bytes.span)
    }

    /// Gives back memory that a large `receive` needed, once `read` has left nothing.
    package func shrink(after received: Int) {
        session.shrink(after: received)
    }

    /// Encrypts `plaintext`, or keeps it until the handshake is over.
    package func write(_ plaintext: Span<UInt8>) {
        guard !plaintext.isEmpty else { return }
        switch state {
        case .handshaking:
            guard early.count + plaintext.count <= Self.maxEarlyBytes else {
                return fail(.failed("the handshake takes too long for what is to be sent"))
            }
            early.append(plaintext)
        case .established, .peerFinished:
            switch session.write(plaintext) {
            case .bytes: break
            case .failure(let error): fail(error)
            // Without renegotiation, writing never waits for the peer.
            case .nothing, .end: fail(.failed("the connection cannot be written to"))
            }
        case .closed, .failed: break
        }
    }

    /// Tells the peer that nothing more comes (RFC 8446 6.1).
    package func close() {
        switch state {
        case .handshaking: state = .closed
        case .established, .peerFinished:
            state = .closed
            session.close()
        case .closed, .failed: break
        }
    }

    /// Lends the ciphertext that is for the peer to `body`, if there is some, and forgets it.
    package func takeCiphertext(_ body: (Span<UInt8>) -> Void) {
        session.takeCiphertext(body)
    }

    private func fail(_ error: TLSError) {
        early = []
        state = .failed(error)
    }
}
