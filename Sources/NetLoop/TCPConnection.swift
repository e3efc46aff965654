internal import SocketIOWire

/// The protocol that is spoken on a connection. Called on the connection's loop only.
package protocol ConnectionHandler: AnyObject {
    /// Bytes arrived; what is not consumed here is gone.
    func receive(_ bytes: inout MutableSpan<UInt8>, on connection: TCPConnection)
    /// The peer sends nothing more. The connection stays open for sending until it is closed.
    func peerFinished(_ connection: TCPConnection)
    /// The connection is gone, by the peer, by an error or because its output grew over the limit. Not called after
    /// `close` or `finish`.
    func connectionLost(_ connection: TCPConnection, because reason: TCPConnection.LossReason)
    /// How many unsent bytes are kept before the connection is given up. Any number, by default.
    var outputLimit: Int { get }
    /// A TLS connection has shaken hands: the peer is who it says, as far as that is verified. Nothing, by default.
    func connectionSecured(_ connection: TCPConnection)
    /// What the kernel did not take at once is with it: there is room for more. With the end of the turn; nothing, by
    /// default.
    func outputDrained(_ connection: TCPConnection)
}

extension ConnectionHandler {
    package var outputLimit: Int { .max }
    package func connectionSecured(_ connection: TCPConnection) {}
    package func outputDrained(_ connection: TCPConnection) {}
}

/// A TCP connection: receives for its handler, and sends what a turn put into the loop's output in one call.
///
/// An idle connection owns no buffer. Unsent bytes are kept only when the kernel does not take them.
package final class TCPConnection: Pollable {
    package enum LossReason {
        case closedByPeer
        /// Elsewhere, because most connections never have one.
        indirect case failed(SystemError)
        /// The peers could not agree on TLS, or one broke its rules.
        indirect case insecure(TLSError)
        /// More than `outputLimit` bytes waited for a peer that does not read.
        case outputLimit
    }

    private enum State {
        case open
        /// The peer finished sending; nothing is read any more.
        case peerFinished
        /// Sends what is left, then ends; what arrives meanwhile is thrown away.
        case finishing
        /// Broken, which its handler is told at the end of the turn; until then it takes nothing more.
        case failing
        case closed
    }

    package let loop: EventLoop
    // Kept in a private property, whose accesses need no tracking, for each message.
    package var handler: (any ConnectionHandler)? {
        get { currentHandler }
        set { currentHandler = newValue }
    }
    private var currentHandler: (any ConnectionHandler)?
    private var extras: Extras?
    /// Told when the connection is closed; it moves with the connection to another loop.
    package var counter: ConnectionCount?
    /// Where this turn's output of the connection lies in the loop's log, which never holds 4 GiB; it ends at zero if
    /// there is none.
    private var pendingStart: UInt32 = 0
    private var pendingEnd: UInt32 = 0
    package let peer: SocketAddress
    private var state = State.open
    /// What the kernel watches the socket for.
    private var interest = Interest.read
    /// Owned until the connection is closed, which saves each use the tracking of accesses.
    let socket: CInt

    /// Takes over a connected socket, on its loop's thread.
    init(
        adopting descriptor: consuming OwnedDescriptor, peer: SocketAddress, on loop: EventLoop,
        unsent: Backlog = Backlog(), tls: TLSEngine? = nil
    ) throws(SystemError) {
        socket = descriptor.disown()
        self.peer = peer
        self.loop = loop
        if tls != nil || !unsent.isEmpty { extras = Extras(tls: tls, backlog: unsent) }
        if !unsent.isEmpty { interest.insert(.write) }
        super.init()
        token = loop.register(self)
        do {
            try loop.poller.add(socket, token: token, interest: interest)
        } catch {
            loop.unregister(token)
            throw error
        }
    }

    /// Nil on a plain connection; the handler does not see the difference.
    var tls: TLSEngine? { extras?.tls }
    private var isReading: Bool { interest.contains(.read) }
    private var isDirty: Bool { pendingEnd != 0 }

    deinit {
        switch state {
        case .open, .peerFinished, .finishing, .failing: _ = OwnedDescriptor(adopting: socket)
        case .closed: break
        }
    }

    package var isOpen: Bool {
        switch state {
        case .open, .peerFinished: true
        case .finishing, .failing, .closed: false
        }
    }

    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { bufferedByteCount == 0 && isOpen }

    /// How many bytes wait for the peer to read, without this turn's.
    package var bufferedByteCount: Int { extras?.backlog.byteCount ?? 0 }

    /// Whether nobody on the way can read along.
    package var isSecure: Bool { tls != nil }

    /// Speaks TLS from now on, before anything else is sent or received; the handler hears when it is secure.
    package func startTLS(_ engine: TLSEngine) {
        madeExtras().tls = engine
        engine.start()
        sendCiphertext(of: engine)
        afterFlush()
    }

    // MARK: Receiving

    override func becameReady(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush(loop.output) }
        if isReading {
            if readiness.contains(.readable) || readiness.contains(.failed) { receive() }
        } else if readiness.contains(.failed) {
            endUnread()
        }
        loop.sendServed(self)
    }

    /// The socket failed while nothing is read from it: whoever reads no bytes is given none now.
    private func endUnread() {
        switch state {
        case .open, .peerFinished, .failing: lose(because: .closedByPeer)
        case .finishing: close()
        case .closed: break
        }
    }

    private func receive() {
        switch state {
        case .open, .failing: break
        case .finishing:
            // What is left to be sent waits for the end of the handshake.
            guard let tls, tls.state == .handshaking else { return discard() }
        case .peerFinished: return lose(because: .closedByPeer)
        case .closed: return
        }
        if let tls { return receive(through: tls) }
        switch loop.receive(from: socket) {
        case .bytes(let count):
            if let handler { loop.deliver(count, to: handler, on: self) }
        case .nothing:
            break
        case .end:
            endReceiving()
        case .failure(let error):
            lose(because: .failed(error))
        }
    }

    /// The peer sends nothing more.
    func endReceiving() {
        guard isOpen else { return }
        state = .peerFinished
        watch(for: .read, false)
        handler?.peerFinished(self)
    }

    private func discard() {
        switch loop.receiveRegion.receive(from: socket) {
        case .bytes, .nothing: break
        case .failure: close()
        case .end:
            guard bufferedByteCount > 0 || isDirty else { return close() }
            // The peer still reads: only once everything is sent is there nothing left to wait for.
            watch(for: .read, false)
        }
    }

    /// Stops or resumes reading, for a handler that cannot take more now.
    package func setReading(_ wanted: Bool) {
        guard wanted != isReading else { return }
        switch state {
        case .open: watch(for: .read, wanted)
        case .peerFinished, .finishing, .failing, .closed: break
        }
    }

    // MARK: Sending

    /// Sends `range` of the loop's output with the end of this turn.
    @inline(__always)
    package func enqueue(_ range: Range<Int>) {
        guard isOpen else { return }
        // Its lower bound is no higher.
        let end = UInt32(range.upperBound)
        if !isDirty {
            pendingStart = UInt32(truncatingIfNeeded: range.lowerBound)
            pendingEnd = end
            loop.mark(self, token: token)
        } else if Int(pendingEnd) == range.lowerBound, extras == nil || !hasSeparateRanges {
            pendingEnd = end
        } else {
            keepSeparate(range)
        }
    }

    private var hasSeparateRanges: Bool { extras?.backlog.ranges.isEmpty == false }

    @inline(never)
    private func keepSeparate(_ range: Range<Int>) {
        madeExtras().backlog.append(range)
    }

    private func madeExtras() -> Extras {
        if let extras { return extras }
        let extras = Extras()
        self.extras = extras
        return extras
    }

    private func dropEmptyExtras() {
        if extras?.isEmpty == true { extras = nil }
    }

    /// Sends `bytes` after everything before them, without a copy where the kernel takes them at once.
    package func send(_ bytes: [UInt8]) {
        guard isOpen else { return }
        flush(loop.output)
        guard isOpen else { return }
        transmit(bytes.span) { sent in Backlog.Chunk(bytes: bytes, start: sent) }
        afterFlush()
    }

    /// Sends what waited, and then the parts of the loop's `log` that are this connection's.
    func flush(_ log: ByteWriter) {
        if isDirty {
            let pending = Int(pendingStart)..<Int(pendingEnd)
            pendingEnd = 0
            send(pending, of: log)
            if extras != nil { sendRanges(of: log) }
        } else {
            sendBacklog()
        }
        afterFlush()
    }

    private func sendRanges(of log: ByteWriter) {
        for range in extras?.backlog.takeRanges() ?? [] { send(range, of: log) }
        dropEmptyExtras()
    }

    private func send(_ range: Range<Int>, of log: ByteWriter) {
        guard !range.isEmpty else { return }
        if case .failing = state { return }
        log.withBytes(in: range) { bytes in
            transmit(bytes) { sent in
                Backlog.Chunk(bytes: log.array(in: range.lowerBound + sent..<range.upperBound), start: 0)
            }
        }
    }

    /// Sends `bytes`, encrypted where the connection is.
    private func transmit(_ bytes: Span<UInt8>, keeping rest: (_ sent: Int) -> Backlog.Chunk) {
        guard let tls else { return transmitUnchanged(bytes, keeping: rest) }
        transmit(bytes, through: tls)
    }

    /// Sends `bytes`, or keeps what the kernel does not take.
    func transmitUnchanged(_ bytes: Span<UInt8>, keeping rest: (_ sent: Int) -> Backlog.Chunk) {
        switch state {
        case .open, .peerFinished, .finishing, .failing: break
        case .closed: return
        }
        sendBacklog()
        guard bufferedByteCount == 0 else { return keep(rest(0)) }
        switch StreamSocket.send(bytes, to: socket) {
        case .bytes(let sent):
            guard sent < bytes.count else { return }
            keep(rest(sent))
        case .failure(let error):
            fail(because: .failed(error))
        }
    }

    @inline(never)
    private func keep(_ chunk: Backlog.Chunk) {
        madeExtras().backlog.append(chunk)
    }

    private func sendBacklog() {
        guard let extras else { return }
        if let error = extras.backlog.send(to: socket) {
            fail(because: .failed(error))
        } else {
            dropEmptyExtras()
        }
    }

    func afterFlush() {
        if case .failing = state { return }
        let waits = bufferedByteCount > 0
        if waits != interest.contains(.write) {
            watch(for: .write, waits)
            if !waits { loop.whenTurnEnds(self) }
        }
        switch state {
        case .open, .peerFinished:
            if waits, let handler, bufferedByteCount > handler.outputLimit { fail(because: .outputLimit) }
        case .finishing:
            guard !waits else { return }
            if let tls, !tls.isOver { return sayGoodbye(through: tls) }
            guard isReading else { return close() }
            StreamSocket.finishSending(socket)
            linger()
        case .failing, .closed:
            break
        }
    }

    // MARK: Ending

    /// Sends what is left, then closes, allowing the peer a moment to read it. The handler hears nothing more.
    ///
    /// - Parameter limit: How long to wait for the peer to close, so that the last bytes are not lost to a reset.
    package func finish(waiting limit: Duration = .seconds(2)) {
        if case .failing = state { handler = nil }
        guard isOpen else { return }
        handler = nil
        state = .finishing
        madeExtras().ending = Ending(limit: limit)
        watch(for: .read, true)
        linger()
        // With or without output, the flush at the end of the turn tells the peer that nothing more comes.
        loop.mark(self, token: token)
    }

    private func linger() {
        guard let extras, let ending = extras.ending else { return }
        if let timer = ending.timer { loop.cancel(timer) }
        extras.ending?.timer = loop.schedule(self, at: loop.now.advanced(by: ending.limit))
    }

    /// Closes at once; unsent bytes are gone. The handler hears nothing more.
    package override func close() {
        switch state {
        case .closed: return
        case .open, .peerFinished, .finishing, .failing: break
        }
        if let timer = extras?.ending?.timer { loop.cancel(timer) }
        state = .closed
        handler = nil
        extras = nil
        pendingEnd = 0
        _ = release()
        counter?.connectionClosed()
    }

    /// Gives up the socket for another loop to take over, with what could not be sent yet.
    ///
    /// - Parameter unread: Bytes that arrived and that the new handler is to see first.
    package func detach(unread: [UInt8]) -> DetachedConnection? {
        flush(loop.output)
        switch state {
        case .open: break
        case .peerFinished, .finishing, .failing, .closed: return nil
        }
        let (unsent, tls) = (extras?.backlog ?? Backlog(), tls)
        state = .closed
        handler = nil
        extras = nil
        return DetachedConnection(release(), peer: peer, unread: unread, unsent: unsent, tls: tls, counter: counter)
    }

    /// The socket, which the loop watches no longer.
    private func release() -> OwnedDescriptor {
        loop.poller.remove(socket)
        loop.unregister(token)
        return OwnedDescriptor(adopting: socket)
    }

    /// Gives the connection up with the end of the turn: sending happens in the middle of application code, which is not
    /// to be entered again there.
    func fail(because reason: LossReason) {
        switch state {
        case .open, .peerFinished, .finishing: break
        case .failing, .closed: return
        }
        if let timer = extras?.ending?.timer { loop.cancel(timer) }
        state = .failing
        loop.noteLoss(of: self, because: reason)
    }

    /// The turn is over.
    func reportLoss(_ reason: LossReason) {
        switch state {
        case .failing: lose(because: reason)
        case .open, .peerFinished, .finishing, .closed: break
        }
    }

    func lose(because reason: LossReason) {
        let handler = handler
        close()
        handler?.connectionLost(self, because: reason)
    }

    private func watch(for event: Interest, _ isWanted: Bool) {
        if isWanted { interest.insert(event) } else { interest.remove(event) }
        switch state {
        case .open, .peerFinished, .finishing, .failing: loop.poller.update(socket, token: token, interest: interest)
        case .closed: break
        }
    }
}

extension TCPConnection: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        guard case .finishing = state, let extras else { return }
        // What the kernel has counts: it holds megabytes, and says that it can take more in large steps only.
        let unsent = bufferedByteCount + StreamSocket.unacknowledgedByteCount(of: socket)
        guard extras.ending?.waitsOn(unsent: unsent) == true else { return close() }
        linger()
    }
}

extension TCPConnection: TurnEndTarget {
    /// A backlog became empty in this turn: in the middle of a send, where the handler is not to be entered.
    package func turnEnds() {
        if isWritable { handler?.outputDrained(self) }
    }
}
