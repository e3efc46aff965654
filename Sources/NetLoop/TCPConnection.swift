internal import SocketIOWire

/// What a loop watches.
protocol Pollable: AnyObject {
    func becameReady(_ readiness: Readiness)
    func close()
}

/// Hears of a connection's end, whoever ended it.
package protocol ConnectionCounter: AnyObject, Sendable {
    /// Any thread.
    func connectionClosed()
}

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
    package let peer: SocketAddress
    // Kept in private properties, whose accesses need no tracking, for each message.
    package var handler: (any ConnectionHandler)? {
        get { currentHandler }
        set { currentHandler = newValue }
    }
    private var currentHandler: (any ConnectionHandler)?

    /// How many unsent bytes are kept before the connection is given up.
    package var outputLimit: Int {
        get { maxUnsent }
        set { maxUnsent = newValue }
    }
    private var maxUnsent = Int.max

    /// Told when the connection is closed; it moves with the connection to another loop.
    package var counter: (any ConnectionCounter)?

    /// Nil on a plain connection; the handler does not see the difference.
    private(set) var tls: TLSEngine?
    let socket: CInt
    private var owner: OwnedDescriptor?
    private var token: UInt64 = 0
    private var state = State.open
    private var isReading = true
    private var isDirty = false
    private var isWatchingForSpace = false
    /// Where this turn's output of the connection lies in the loop's log.
    private var pendingStart = 0
    private var pendingEnd = 0
    private var morePending: [Range<Int>] = []
    private var backlog: Backlog?
    var failure: LossReason?
    /// Why the connection is given up at the end of the turn.
    private var pendingLoss: LossReason?

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
        case .open, .peerFinished: pendingLoss == nil
        case .finishing, .closed: false
        }
    }

    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { backlog == nil && isOpen }

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

    func becameReady(_ readiness: Readiness) {
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
        case .open, .peerFinished: lose(because: .closedByPeer)
        case .finishing: close()
        case .closed: break
        }
    }

    private func receive() {
        switch state {
        case .open: break
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
            guard backlog != nil || isDirty else { return close() }
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
        case .peerFinished, .finishing, .closed: break
        }
    }

    // MARK: Sending

    /// Sends `range` of the loop's output with the end of this turn.
    @inline(__always)
    package func enqueue(_ range: Range<Int>) {
        guard isOpen else { return }
        if !isDirty {
            isDirty = true
            pendingStart = range.lowerBound
            pendingEnd = range.upperBound
            loop.markDirty(self, token: token)
        } else if pendingEnd == range.lowerBound, morePending.isEmpty {
            pendingEnd = range.upperBound
        } else {
            enqueueSeparate(range)
        }
    }

    private func enqueueSeparate(_ range: Range<Int>) {
        // Out of the object while it changes: no other access of it needs tracking then.
        var pending = morePending
        morePending = []
        if let last = pending.last, last.upperBound == range.lowerBound {
            pending[pending.count - 1] = last.lowerBound..<range.upperBound
        } else {
            pending.append(range)
        }
        morePending = pending
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
            send(pendingStart..<pendingEnd)
            if !morePending.isEmpty { sendSeparate() }
        } else {
            sendBacklog()
        }
        afterFlush()
    }

    private func sendSeparate() {
        let ranges = morePending
        morePending = []
        for range in ranges { send(range) }
    }

    private func send(_ range: Range<Int>) {
        guard !range.isEmpty, failure == nil else { return }
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
        case .open, .peerFinished, .finishing: break
        case .closed: return
        }
        sendBacklog()
        if let backlog {
            backlog.append(rest(0))
            return
        }
        switch StreamSocket.send(bytes, to: socket) {
        case .bytes(let sent):
            guard sent < bytes.count else { return }
            let backlog = Backlog()
            backlog.append(rest(sent))
            self.backlog = backlog
        case .failure(let error):
            failure = .failed(error)
        }
    }

    private func sendBacklog() {
        guard let backlog else { return }
        switch backlog.send(to: socket) {
        case nil:
            if backlog.byteCount == 0 { self.backlog = nil }
        case let error?:
            failure = .failed(error)
        }
    }

    func afterFlush() {
        if let failure { return loseLater(because: failure) }
        let waits = backlog != nil
        if waits != isWatchingForSpace {
            isWatchingForSpace = waits
            updateInterest()
        }
        switch state {
        case .open, .peerFinished:
            if bufferedByteCount > outputLimit { loseLater(because: .outputLimit) }
        case .finishing(let ending):
            guard !waits else { return }
            if let tls, !tls.isOver { return sayGoodbye(through: tls) }
            guard isReading else { return close() }
            StreamSocket.finishSending(socket)
            linger(ending)
        case .closed:
            break
        }
    }

    // MARK: Ending

    /// Sends what is left, then closes, allowing the peer a moment to read it. The handler hears nothing more.
    ///
    /// - Parameter limit: How long to wait for the peer to close, so that the last bytes are not lost to a reset.
    package func finish(waiting limit: Duration = .seconds(2)) {
        if pendingLoss != nil { handler = nil }
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
    package func close() {
        switch state {
        case .closed: return
        case .open, .peerFinished: break
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
        case .open where pendingLoss == nil: break
        case .open, .peerFinished, .finishing, .closed: return nil
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

    /// Gives the connection up with the end of the turn; until then it takes nothing more.
    private func loseLater(because reason: LossReason) {
        guard pendingLoss == nil else { return }
        pendingLoss = reason
        loop.noteLoss(of: self)
    }

    /// The turn is over.
    func reportLoss() {
        guard let pendingLoss else { return }
        switch state {
        case .closed: break
        case .open, .peerFinished, .finishing: lose(because: pendingLoss)
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
        case .open, .peerFinished, .finishing: loop.poller.update(socket, token: token, interest: interest)
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
