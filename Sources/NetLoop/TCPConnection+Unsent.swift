internal import SocketIOWire

/// What waits for a peer that does not take it.
extension TCPConnection {
    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { bufferedByteCount == 0 && isOpen }

    /// How many bytes wait for the peer to read, without this turn's.
    package var bufferedByteCount: Int { queue?.byteCount ?? 0 }

    /// How many bytes are held for that, whoever else they are held for.
    package var heldByteCount: Int { queue?.heldByteCount ?? 0 }

    // MARK: Sending what is large, or after what waits

    // Elsewhere than what sends: a closure there would cost each message the references that it takes.

    @inline(never)
    func keep(_ range: Range<Int>) {
        madeQueue().keep(after: 0) { _, backlog in loop.sending.keep(range, in: &backlog) }
    }

    @inline(never)
    func enqueue(_ bytes: Span<UInt8>, at range: Range<Int>) {
        enqueue(bytes) { sent, backlog in
            loop.sending.keep(range.lowerBound + sent..<range.upperBound, in: &backlog)
        }
    }

    /// Sends `bytes` after what waits, or keeps what the kernel does not take, or should not take in this turn.
    func enqueue(_ bytes: Span<UInt8>, keeping: OutputQueue.Keeping) {
        let queue = madeQueue()
        sendLarge(bytes.count >= LoopOutput.largeByteCount, from: queue) {
            queue.send(bytes, to: socket, keeping: keeping)
        } later: {
            queue.keep(after: 0, keeping)
        }
    }

    /// Has `queue` send, unless it `isLarge` and the turn has sent enough. TLS does not wait: it would encrypt anyway.
    private func sendLarge(
        _ isLarge: Bool, from queue: OutputQueue, _ send: () -> OutputQueue.LossReason?, later: () -> Void = {}
    ) {
        guard !isLarge || !loop.sending.isSpent || queue.tls != nil else { return later() }
        let taken = queue.takenByteCount
        if let reason = send() { fail(because: reason) }
        if isLarge { loop.sending.spend(queue.takenByteCount - taken) }
    }

    @inline(never)
    func sendBacklog() {
        guard let queue else { return }
        // What is left for later is asked for again: the socket stays ready.
        sendLarge(queue.byteCount >= LoopOutput.largeByteCount, from: queue) { queue.sendBacklog(to: socket) }
    }

    // MARK: Watching

    /// The connection has a queue, and was flushed.
    @inline(never)
    func tendQueue() {
        guard let queue else { return }
        watchForStall(queue.byteCount > 0)
        if queue.isEmpty { self.queue = nil }
    }

    /// Something waits for the peer, or nothing does any more.
    private func watchForStall(_ isWanted: Bool) {
        switch state {
        case .open, .peerFinished: break
        // The watch is that of the end.
        case .finishing, .failing, .closed: return
        }
        guard isWanted != (queue?.watch != nil) else { return }
        cancelWatch()
        queue?.watch = nil
        guard isWanted, let time = handler?.stallTime else { return }
        queue?.watch = StallWatch(givingUpAfter: time)
        rearmWatch()
    }

    /// Gives up a peer that does not take what waits for it.
    package func giveUp() {
        lose(because: .outputLimit)
    }

    /// Nothing waits that belongs to this loop any more.
    func leaveLoop() -> OutputQueue? {
        watchForStall(false)
        defer { queue = nil }
        queue?.leaveLoop()
        return queue
    }
}

extension TCPConnection: TurnEndTarget {
    /// A backlog became empty in this turn: in the middle of a send, where the handler is not to be entered.
    package func turnEnds() {
        if isWritable { handler?.outputDrained(self) }
    }
}
