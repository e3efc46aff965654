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
    /// A TLS connection has shaken hands: the peer is who it says, as far as that is verified. Nothing, by default.
    func connectionSecured(_ connection: TCPConnection)
}

extension ConnectionHandler {
    package func connectionSecured(_ connection: TCPConnection) {}
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
        case finishing(Ending)
        /// Broken, which its handler is told at the end of the turn; until then it takes nothing more.
        case failing
        case closed
    }

    /// How long a connection that ends has waited.
    private final class Ending {
        let limit: Duration
        var timer: TimerID?
        /// What the peer had still to take when the timer fired last.
        var unsent = Int.max
        /// How often it has fired since the peer took something.
        var idlePeriods = 0

        init(limit: Duration) {
            self.limit = limit
        }
    }

    package let loop: EventLoop
    // Kept in private properties, whose accesses need no tracking, for each message.
    package var handler: (any ConnectionHandler)? {
        get { currentHandler }
        set { currentHandler = newValue }
    }
    private var currentHandler: (any ConnectionHandler)?

    /// How many unsent bytes are kept before the connection is given up; 4 GiB at most.
    package var outputLimit: Int {
        get { Int(maxUnsent) }
        set { maxUnsent = UInt32(clamping: newValue) }
    }

    /// Told when the connection is closed; it moves with the connection to another loop.
    package var counter: ConnectionCount?

    /// Nil on a plain connection; the handler does not see the difference.
    private(set) var tls: TLSEngine?
    private var state = State.open
    /// Where this turn's output of the connection lies in the loop's log, which never holds 4 GiB.
    private var pendingStart: UInt32 = 0
    private var pendingEnd: UInt32 = 0
    private var backlog: Backlog?
    package let peer: SocketAddress
    private var isReading = true
    private var isDirty = false
    private var isWatchingForSpace = false
    let socket: CInt
    private var maxUnsent = UInt32.max
    private var owner: OwnedDescriptor?

    /// How many times as long as for its end a finished connection waits for a peer that takes nothing of what is left.
    private static let maxIdlePeriods = 15

    /// Takes over a connected socket, on its loop's thread.
    init(
        adopting descriptor: consuming OwnedDescriptor, peer: SocketAddress, on loop: EventLoop,
        unsent: Backlog? = nil, tls: TLSEngine? = nil
    ) throws(SystemError) {
        socket = descriptor.rawValue
        owner = consume descriptor
        self.peer = peer
        self.loop = loop
        backlog = unsent
        self.tls = tls
        isWatchingForSpace = unsent != nil
        super.init()
        token = loop.register(self)
        do {
            try loop.poller.add(socket, token: token, interest: interest)
        } catch {
            loop.unregister(token)
            throw error
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
    package var bufferedByteCount: Int { backlog?.byteCount ?? 0 }

    /// Whether nobody on the way can read along.
    package var isSecure: Bool { tls != nil }

    /// Speaks TLS from now on, before anything else is sent or received; the handler hears when it is secure.
    package func startTLS(_ engine: TLSEngine) {
        tls = engine
        engine.start()
        sendCiphertext(of: engine)
        afterFlush()
    }

    // MARK: Receiving

    override func becameReady(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if isReading {
            if readiness.contains(.readable) || readiness.contains(.failed) { receive() }
        } else if readiness.contains(.failed) {
            endUnread()
        }
        loop.sendOutput(of: self)
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
        isReading = false
        updateInterest()
        handler?.peerFinished(self)
    }

    private func discard() {
        switch loop.receiveRegion.receive(from: socket) {
        case .bytes, .nothing: break
        case .failure: close()
        case .end:
            guard bufferedByteCount > 0 || isDirty else { return close() }
            // The peer still reads: only once everything is sent is there nothing left to wait for.
            isReading = false
            updateInterest()
        }
    }

    /// Stops or resumes reading, for a handler that cannot take more now.
    package func setReading(_ wanted: Bool) {
        guard wanted != isReading else { return }
        switch state {
        case .open:
            isReading = wanted
            updateInterest()
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
            isDirty = true
            pendingStart = UInt32(truncatingIfNeeded: range.lowerBound)
            pendingEnd = end
            loop.markDirty(self, token: token)
        } else if Int(pendingEnd) == range.lowerBound, backlog == nil {
            pendingEnd = end
        } else {
            enqueueSeparate(range)
        }
    }

    private func enqueueSeparate(_ range: Range<Int>) {
        let backlog = begunBacklog()
        if Int(pendingEnd) == range.lowerBound, backlog.ranges.isEmpty {
            pendingEnd = UInt32(range.upperBound)
        } else {
            backlog.append(range)
        }
    }

    private func begunBacklog() -> Backlog {
        let backlog = backlog ?? Backlog()
        self.backlog = backlog
        return backlog
    }

    /// Sends `bytes` after everything before them, without a copy where the kernel takes them at once.
    package func send(_ bytes: [UInt8]) {
        guard isOpen else { return }
        flush()
        guard isOpen else { return }
        transmit(bytes.span) { sent in Backlog.Chunk(bytes: bytes, start: sent) }
        afterFlush()
    }

    func flush() {
        if isDirty {
            isDirty = false
            send(Int(pendingStart)..<Int(pendingEnd))
            if backlog != nil { sendRanges() }
        } else {
            sendBacklog()
        }
        afterFlush()
    }

    private func sendRanges() {
        for range in backlog?.takeRanges() ?? [] { send(range) }
        // Maybe another by now: one that holds nothing more is dropped while it sends.
        if backlog?.isEmpty == true { backlog = nil }
    }

    private func send(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        if case .failing = state { return }
        loop.send(range, over: self)
    }

    /// Sends `range` of the loop's `output`.
    func send(_ range: Range<Int>, of output: ByteWriter) {
        output.withBytes(in: range) { bytes in
            transmit(bytes) { sent in
                Backlog.Chunk(bytes: output.array(in: range.lowerBound + sent..<range.upperBound), start: 0)
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
        if let backlog, backlog.byteCount > 0 {
            backlog.append(rest(0))
            return
        }
        switch StreamSocket.send(bytes, to: socket) {
        case .bytes(let sent):
            guard sent < bytes.count else { return }
            begunBacklog().append(rest(sent))
        case .failure(let error):
            fail(because: .failed(error))
        }
    }

    private func sendBacklog() {
        guard let backlog else { return }
        switch backlog.send(to: socket) {
        case nil:
            if backlog.isEmpty { self.backlog = nil }
        case let error?:
            fail(because: .failed(error))
        }
    }

    func afterFlush() {
        if case .failing = state { return }
        let waits = bufferedByteCount > 0
        if waits != isWatchingForSpace {
            isWatchingForSpace = waits
            updateInterest()
        }
        switch state {
        case .open, .peerFinished:
            if bufferedByteCount > outputLimit { fail(because: .outputLimit) }
        case .finishing(let ending):
            guard !waits else { return }
            if let tls, !tls.isOver { return sayGoodbye(through: tls) }
            guard isReading else { return close() }
            StreamSocket.finishSending(socket)
            linger(ending)
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
        let ending = Ending(limit: limit)
        state = .finishing(ending)
        isReading = true
        updateInterest()
        linger(ending)
        // With or without output, the flush at the end of the turn tells the peer that nothing more comes.
        loop.markDirty(self, token: token)
    }

    private func linger(_ ending: Ending) {
        if let timer = ending.timer { loop.cancel(timer) }
        ending.timer = loop.schedule(self, at: loop.now.advanced(by: ending.limit))
    }

    /// Closes at once; unsent bytes are gone. The handler hears nothing more.
    package override func close() {
        switch state {
        case .closed: return
        case .open, .peerFinished, .failing: break
        case .finishing(let ending): if let timer = ending.timer { loop.cancel(timer) }
        }
        state = .closed
        handler = nil
        backlog = nil
        tls = nil
        loop.poller.remove(socket)
        loop.unregister(token)
        owner = nil
        counter?.connectionClosed()
    }

    /// Gives up the socket for another loop to take over, with what could not be sent yet.
    ///
    /// - Parameter unread: Bytes that arrived and that the new handler is to see first.
    package func detach(unread: [UInt8]) -> DetachedConnection? {
        flush()
        switch state {
        case .open: break
        case .peerFinished, .finishing, .failing, .closed: return nil
        }
        guard let descriptor = owner.take() else { return nil }
        state = .closed
        handler = nil
        loop.poller.remove(socket)
        loop.unregister(token)
        let unsent = backlog
        backlog = nil
        let tls = tls
        self.tls = nil
        return DetachedConnection(descriptor, peer: peer, unread: unread, unsent: unsent, tls: tls, counter: counter)
    }

    /// Gives the connection up with the end of the turn: sending happens in the middle of application code, which is not
    /// to be entered again there.
    func fail(because reason: LossReason) {
        switch state {
        case .open, .peerFinished: break
        case .finishing(let ending): if let timer = ending.timer { loop.cancel(timer) }
        case .failing, .closed: return
        }
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

    private var interest: Interest {
        var interest: Interest = []
        if isReading { interest.insert(.read) }
        if isWatchingForSpace { interest.insert(.write) }
        return interest
    }

    private func updateInterest() {
        switch state {
        case .open, .peerFinished, .finishing, .failing: loop.poller.update(socket, token: token, interest: interest)
        case .closed: break
        }
    }
}

extension TCPConnection: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        guard case .finishing(let ending) = state else { return }
        ending.timer = nil
        // What the kernel has counts: it holds megabytes, and says that it can take more in large steps only.
        let unsent = bufferedByteCount + StreamSocket.unacknowledgedByteCount(of: socket)
        ending.idlePeriods = unsent < ending.unsent ? 0 : ending.idlePeriods + 1
        ending.unsent = unsent
        guard unsent > 0, ending.idlePeriods < Self.maxIdlePeriods else { return close() }
        linger(ending)
    }
}
