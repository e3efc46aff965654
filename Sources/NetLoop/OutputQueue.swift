internal import SocketIOWire

/// What lies between a connection and its socket, where anything does: compression, TLS, bytes that the kernel did not take
/// yet, further parts of this turn's output, and what came too early.
///
/// Elsewhere than in the connection, so that the many that have none need no room for it. It moves with the connection
/// to another loop.
final class OutputQueue {
    typealias LossReason = TCPConnection.LossReason
    /// Adds to the backlog what comes after the first `sent` bytes, which the kernel took.
    typealias Keeping = (_ sent: Int, _ backlog: inout Backlog) -> Void

    /// Nil on a plain connection.
    private(set) var tls: TLSEngine?
    /// Nil where everything is sent as it is. It stays on its loop, and so does the connection from then on.
    var coder: (any OutputCoder)?
    /// There while the handler has not been given all that came before it was there; then nothing else is received.
    var early: EarlyBytes?
    private var backlog = Backlog()
    private var held: HeldBytes
    /// There while the peer is watched: something waits for it, or the connection ends.
    var watch: StallWatch?
    /// Whether what waits is among what the loop sends first in the next turn.
    var isPostponed = false
    /// Where the parts of the loop's output lie that do not follow the one before.
    private var ranges: [Range<Int>] = []

    /// - Parameter total: What the loop holds, of which this is a part.
    init(countedIn total: UnsentBytes) {
        held = HeldBytes(of: total)
        takenByteCount = total.takenCount
    }

    /// What waits.
    var byteCount: Int { backlog.byteCount }
    /// What is held for it.
    var heldByteCount: Int { backlog.heldByteCount }
    /// Of that, what the peer has still to take.
    var owedByteCount: Int { backlog.owedByteCount }
    /// How much the kernel has taken, counted on from what all queues of the loop had taken when this was made: what was
    /// true of an earlier queue of the connection stays true.
    private(set) var takenByteCount: Int
    var hasRanges: Bool { !ranges.isEmpty }
    /// Whether the connection can do without.
    var isEmpty: Bool { tls == nil && coder == nil && backlog.isEmpty && ranges.isEmpty && watch == nil }

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

    /// Keeps what the kernel does not take.
    @inline(never)
    func keep(after sent: Int, _ keeping: Keeping) {
        keeping(sent, &backlog)
        held.set(backlog.ownByteCount)
    }

    /// Sends `bytes`, encrypted where the connection is, after everything before them; why the connection is lost, if it
    /// is.
    func send(_ bytes: Span<UInt8>, to socket: CInt, keeping: Keeping) -> LossReason? {
        guard let tls else { return sendUnchanged(bytes, to: socket, keeping: keeping) }
        tls.write(bytes)
        // The ciphertext of a failure tells the peer of it.
        let loss = sendCiphertext(to: socket)
        if case .failed(let error) = tls.state { return .insecure(error) }
        return loss
    }

    private func sendUnchanged(_ bytes: Span<UInt8>, to socket: CInt, keeping: Keeping) -> LossReason? {
        if let loss = sendBacklog(to: socket) { return loss }
        guard backlog.isEmpty else {
            keep(after: 0, keeping)
            return nil
        }
        switch StreamSocket.send(bytes, to: socket) {
        case .bytes(let sent):
            noteTaken(sent)
            if sent < bytes.count { keep(after: sent, keeping) }
            return nil
        case .failure(let error):
            return .failed(error)
        }
    }

    private func noteTaken(_ count: Int) {
        takenByteCount += count
        held.noteTaken(count)
    }

    func sendBacklog(to socket: CInt) -> LossReason? {
        guard !backlog.isEmpty else { return nil }
        let before = backlog.byteCount
        let error = backlog.send(to: socket)
        noteTaken(before - backlog.byteCount)
        held.set(backlog.ownByteCount)
        return error.map { .failed($0) }
    }

    // MARK: From loop to loop

    func leaveLoop() {
        isPostponed = false
        backlog.leaveLoop()
        held.set(backlog.ownByteCount)
        held.move(to: nil)
    }

    func enterLoop(countedIn total: UnsentBytes) {
        // Nobody remembers what it was before.
        takenByteCount = total.takenCount
        held.move(to: total)
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
            loss = sendUnchanged(ciphertext, to: socket) { sent, backlog in
                backlog.append(copying: ciphertext.extracting(sent..<ciphertext.count))
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
