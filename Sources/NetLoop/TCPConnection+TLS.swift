internal import SocketIOWire

/// Ciphertext on the socket, plaintext for the handler.
extension TCPConnection {
    /// Nil on a plain connection; the handler does not see the difference.
    var tls: TLSEngine? { queue?.tls }

    /// Whether nobody on the way can read along.
    package var isSecure: Bool { tls != nil || isSecureElsewhere }

    /// What a peer that shows a certificate is, which was verified.
    package var peerCertificate: TLSPeerCertificate? { tls?.peerCertificate }

    /// Speaks TLS from now on, before anything else is sent or received; the handler hears when it is secure.
    package func startTLS(_ engine: TLSEngine) {
        guard isOpen else { return }
        if let reason = madeQueue().start(engine, over: socket) { fail(because: reason) }
        afterFlush()
    }

    /// Receives, decrypts and tells the handler in one piece: what a handler keeps of it, it can take to another loop.
    func receive(through tls: TLSEngine) {
        let region = loop.receiveRegion
        switch region.receive(
            from: socket,
            leaving: queue?.coder == nil ? TLSEngine.maxRecordBytes : max(TLSEngine.maxRecordBytes, codedReadReserve))
        {
        case .bytes(let count):
            let plaintext = decrypt(count, through: tls)
            if plaintext > 0 {
                let handler = handler
                region.withBytes(plaintext) { bytes in handler?.receive(&bytes, on: self) }
            }
            noteState(of: tls)
        case .nothing:
            break
        case .end:
            // Without the peer's word for it, the end may be somebody else's (RFC 8446 6.1).
            lose(because: .closedByPeer)
        case .failure(let error):
            lose(because: .failed(error))
        }
    }

    /// Puts the plaintext of `count` received bytes in their place.
    private func decrypt(_ count: Int, through tls: TLSEngine) -> Int {
        let region = loop.receiveRegion
        let wasHandshaking = tls.state == .handshaking
        var plaintext = 0
        region.withBytes(count) { bytes in tls.receive(bytes.span) }
        region.withBytes(region.capacity) { bytes in plaintext = tls.read(into: &bytes) }
        tls.shrink(after: count)
        if let reason = queue?.sendCiphertext(to: socket) { fail(because: reason) }
        afterFlush()
        if wasHandshaking, tls.state == .established { handler?.connectionSecured(self) }
        return plaintext
    }

    func noteState(of tls: TLSEngine) {
        // The handler may have closed the connection or given it away.
        guard self.tls === tls else { return }
        switch tls.state {
        case .handshaking, .established, .closed: break
        // What came early goes before it, and asks again at its end.
        case .peerFinished: if isOpen, queue?.early == nil { endReceiving() }
        case .failed(let error): lose(because: .insecure(error))
        }
    }
}
