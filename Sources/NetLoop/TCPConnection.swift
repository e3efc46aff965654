internal import SocketIOWire

/// A TCP connection: receives for its handler, and sends what a turn put into the loop's output in one call.
///
/// An idle connection owns no buffer. Unsent bytes are kept only when the kernel does not take them.
package final class TCPConnection: Pollable {
    enum State {
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
    /// Nil while it would be empty.
    var queue: OutputQueue?
    /// Told when the connection is closed; it moves with the connection to another loop.
    package var counter: ConnectionCount?
    /// Where this turn's output of the connection lies in the loop's log, which never holds 4 GiB; it ends at zero if
    /// there is none.
    private var pendingStart: UInt32 = 0
    private var pendingEnd: UInt32 = 0
    package let peer: SocketAddress
    var state = State.open
    /// What the kernel watches the socket for.
    private var interest = Interest.read
    /// Whether the peer uses TLS with somebody who passes its bytes on within the process.
    let isSecureElsewhere: Bool
    /// Owned until the connection is closed, which saves each use the tracking of accesses.
    let socket: CInt

    /// Takes over a connected socket, on its loop's thread.
    init(
        adopting descriptor: consuming OwnedDescriptor, peer: SocketAddress, on loop: EventLoop,
        queue: OutputQueue? = nil, isPeerFinished: Bool = false, isSecureElsewhere: Bool = false
    ) throws(SystemError) {
        socket = descriptor.disown()
        self.isSecureElsewhere = isSecureElsewhere
        self.peer = peer
        self.loop = loop
        self.queue = queue
        queue?.enterLoop(countedIn: loop.unsentBytes)
        if let queue, queue.byteCount > 0 { interest.insert(.write) }
        if isPeerFinished {
            state = .peerFinished
            interest.remove(.read)
        }
        super.init()
        token = loop.register(self)
        do {
            try loop.poller.add(socket, token: token, interest: interest)
        } catch {
            loop.unregister(token)
            throw error
        }
    }

    var isReading: Bool { interest.contains(.read) }
    var isDirty: Bool { pendingEnd != 0 }

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

    private func receive() {
        switch state {
        case .open, .failing: break
        case .finishing:
            // What is left to be sent waits for the end of the handshake.
            guard let tls, tls.state == .handshaking else { return discard() }
        case .peerFinished: return lose(because: .closedByPeer)
        case .closed: return
        }
        if let queue { return receive(with: queue) }
        take(loop.receive(from: socket))
    }

    /// The same where TLS or compression may be under way.
    @inline(never)
    private func receive(with queue: OutputQueue) {
        guard queue.early == nil else { return }
        if let tls = queue.tls { return receive(through: tls) }
        take(loop.receiveRegion.receive(from: socket, leaving: queue.coder == nil ? 0 : codedReadReserve))
    }

    @inline(__always)
    private func take(_ received: ReceiveRegion.Received) {
        switch received {
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

    /// Stops or resumes reading, for a handler that cannot take more now.
    package func setReading(_ wanted: Bool) {
        guard wanted != isReading else { return }
        switch state {
        case .open:
            watch(for: .read, wanted)
            goOnEarly()
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
        } else if Int(pendingEnd) == range.lowerBound, queue == nil || !hasSeparateRanges {
            pendingEnd = end
        } else {
            keepSeparate(range)
        }
    }

    private var hasSeparateRanges: Bool { queue?.hasRanges == true }

    @inline(never)
    private func keepSeparate(_ range: Range<Int>) {
        madeQueue().append(range)
    }

    @inline(never)
    func madeQueue() -> OutputQueue {
        if let queue { return queue }
        let queue = OutputQueue(countedIn: loop.unsentBytes)
        self.queue = queue
        return queue
    }

    /// Sends `bytes` after everything before them, without a copy where the kernel takes them at once.
    package func send(_ bytes: [UInt8]) {
        guard isOpen else { return }
        flush(loop.output)
        guard isOpen else { return }
        if let coder = queue?.coder {
            enqueue(bytes.span, at: nil, by: coder)
            return afterFlush()
        }
        enqueue(bytes.span) { [loop] sent, backlog in backlog.append(loop.sending.sharing(bytes), from: sent) }
        afterFlush()
    }

    /// Sends what waited, and then the parts of the loop's `log` that are this connection's.
    func flush(_ log: ByteWriter) {
        if isDirty {
            let pending = Int(pendingStart)..<Int(pendingEnd)
            pendingEnd = 0
            send(pending, of: log)
            if queue != nil { sendRanges(of: log) }
        } else if queue != nil {
            sendBacklog()
        }
        afterFlush()
    }

    private func sendRanges(of log: ByteWriter) {
        for range in queue?.takeRanges() ?? [] { send(range, of: log) }
    }

    private func send(_ range: Range<Int>, of log: ByteWriter) {
        guard !range.isEmpty else { return }
        switch state {
        case .open, .peerFinished, .finishing: break
        case .failing, .closed: return
        }
        log.withBytes(in: range) { bytes in
            // Almost always it is little, there is no queue, and the kernel takes all.
            guard queue == nil, bytes.count < LoopOutput.largeByteCount else { return enqueue(bytes, at: range) }
            switch StreamSocket.send(bytes, to: socket) {
            case .bytes(let sent):
                loop.unsentBytes.noteTaken(sent)
                if sent < bytes.count { keep(range.lowerBound + sent..<range.upperBound) }
            case .failure(let error): fail(because: .failed(error))
            }
        }
    }

    @inline(__always)
    func afterFlush() {
        // Nothing waited, and nothing does.
        if queue == nil, !interest.contains(.write), case .open = state { return }
        goOn()
    }

    @inline(never)
    private func goOn() {
        let waits = bufferedByteCount > 0
        switch state {
        case .open, .peerFinished:
            watchForRoom(waits)
            handler?.outputChanged(self)
            if waits, let handler, let queue, queue.owedByteCount > handler.outputLimit { fail(because: .outputLimit) }
        case .finishing:
            watchForRoom(waits)
            goOnEnding()
        case .failing, .closed:
            break
        }
        if queue != nil { tendQueue() }
    }

    private func watchForRoom(_ isWanted: Bool) {
        guard isWanted != interest.contains(.write) else { return }
        watch(for: .write, isWanted)
        if !isWanted { loop.whenTurnEnds(self) }
    }

    func watch(for event: Interest, _ isWanted: Bool) {
        if isWanted { interest.insert(event) } else { interest.remove(event) }
        switch state {
        case .open, .peerFinished, .finishing, .failing: loop.poller.update(socket, token: token, interest: interest)
        case .closed: break
        }
    }

    // MARK: Closing

    /// Closes at once; unsent bytes are gone. The handler hears nothing more.
    package override func close() {
        switch state {
        case .closed: return
        case .open, .peerFinished, .finishing, .failing: break
        }
        cancelWatch()
        state = .closed
        handler = nil
        queue = nil
        pendingEnd = 0
        _ = release()
        counter?.connectionClosed()
    }

    /// The socket, which the loop watches no longer.
    func release() -> OwnedDescriptor {
        loop.poller.remove(socket)
        loop.unregister(token)
        return OwnedDescriptor(adopting: socket)
    }
}
