internal import SocketIOWire

/// What lies between a connection and its socket, where anything does: TLS, bytes that the kernel did not take yet, and
/// further parts of this turn's output.
///
/// Elsewhere than in the connection, so that the many that have none need no room for it. It moves with the connection
/// to another loop.
final class OutputQueue {
    typealias LossReason = TCPConnection.LossReason

    /// Nil on a plain connection.
    private(set) var tls: TLSEngine?
    private var backlog = Backlog()
    /// There while a connection that ends waits for its peer.
    var watch: StallWatch?
    /// Where the parts of the loop's output lie that do not follow the one before.
    private var ranges: [Range<Int>] = []

    var byteCount: Int { backlog.byteCount }
    var hasRanges: Bool { !ranges.isEmpty }
    /// Whether the connection can do without.
    var isEmpty: Bool { tls == nil && backlog.isEmpty && ranges.isEmpty && watch == nil }

    // MARK: Parts of the loop's output

    func append(_ range: Range<Int>) {
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    func takeRanges() -> [Range<Int>] {
        defer { ranges = [] }
        return ranges
    }

    // MARK: Bytes

    func append(_ chunk: Backlog.Chunk) {
        backlog.append(chunk)
    }

    /// Sends `bytes`, encrypted where the connection is, after everything before them; why the connection is lost, if it
    /// is.
    ///
    /// - Parameter rest: What waits if the kernel takes only so many of the bytes.
    func send(_ bytes: Span<UInt8>, to socket: CInt, keeping rest: (_ sent: Int) -> Backlog.Chunk) -> LossReason? {
        guard let tls else { return sendUnchanged(bytes, to: socket, keeping: rest) }
        tls.write(bytes)
        // The ciphertext of a failure tells the peer of it.
        let loss = sendCiphertext(to: socket)
        if case .failed(let error) = tls.state { return .insecure(error) }
        return loss
    }

    private func sendUnchanged(
        _ bytes: Span<UInt8>, to socket: CInt, keeping rest: (_ sent: Int) -> Backlog.Chunk
    ) -> LossReason? {
        if let loss = sendBacklog(to: socket) { return loss }
        guard backlog.isEmpty else {
            append(rest(0))
            return nil
        }
        switch StreamSocket.send(bytes, to: socket) {
        case .bytes(let sent):
            if sent < bytes.count { append(rest(sent)) }
            return nil
        case .failure(let error):
            return .failed(error)
        }
    }

    func sendBacklog(to socket: CInt) -> LossReason? {
        backlog.send(to: socket).map { .failed($0) }
    }

    // MARK: TLS

    /// Speaks TLS from now on.
    func start(_ engine: TLSEngine, over socket: CInt) -> LossReason? {
        tls = engine
        engine.start()
        return sendCiphertext(to: socket)
    }

    /// Sends what TLS has for the peer.
    func sendCiphertext(to socket: CInt) -> LossReason? {
        var loss: LossReason?
        tls?.takeCiphertext { ciphertext in
            loss = sendUnchanged(ciphertext, to: socket) { sent in
                Backlog.Chunk(bytes: Array(ciphertext.extracting(sent..<ciphertext.count)), start: 0)
            }
        }
        return loss
    }

    /// Whether TLS has to say that nothing more comes, once everything else is sent.
    var owesGoodbye: Bool { tls?.isOver == false }

    func sayGoodbye(to socket: CInt) -> LossReason? {
        guard let tls, tls.state != .handshaking else { return nil }
        tls.close()
        return sendCiphertext(to: socket)
    }
}
