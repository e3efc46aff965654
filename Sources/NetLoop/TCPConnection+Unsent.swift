internal import SocketIOWire

/// What waits for a peer that does not take it.
extension TCPConnection {
    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { bufferedByteCount == 0 && isOpen }

    /// How many bytes wait for the peer to read, without this turn's.
    package var bufferedByteCount: Int { queue?.byteCount ?? 0 }

    /// How much the kernel has taken of what had to wait: a number that only grows, from wherever it begins. Nil while nothing
    /// waits.
    package var takenByteCount: Int? { bufferedByteCount == 0 ? nil : queue?.takenByteCount }

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
        if let coder = queue?.coder { return enqueue(bytes, at: range.lowerBound, by: coder) }
        enqueue(bytes) { sent, backlog in
            loop.sending.keep(range.lowerBound + sent..<range.upperBound, in: &backlog)
        }
    }

    /// Sends `bytes` after what waits, or keeps what the kernel does not take, or should not take in this turn.
    func enqueue(_ bytes: Span<UInt8>, keeping: OutputQueue.Keeping) {
        let queue = madeQueue()
        let isLarge = max(bytes.count, queue.byteCount) >= LoopOutput.largeByteCount
        guard !isLarge || !postpones(queue, adding: bytes.count) else { return queue.keep(after: 0, keeping) }
        send(from: queue, isLarge) { queue.send(bytes, to: socket, keeping: keeping) }
    }

    @inline(never)
    func sendBacklog() {
        guard let queue else { return }
        let isLarge = queue.byteCount >= LoopOutput.largeByteCount
        // The socket stays ready, so that the next turn comes back here.
        guard !isLarge || !postpones(queue) else { return }
        send(from: queue, isLarge) { queue.sendBacklog(to: socket) }
    }

    private func send(from queue: OutputQueue, _ isLarge: Bool, _ send: () -> OutputQueue.LossReason?) {
        let taken = queue.takenByteCount
        if let reason = send() { fail(because: reason) }
        if isLarge { loop.sending.spend(queue.takenByteCount - taken) }
    }

    /// Whether what is large waits for a later turn, since this one has sent enough.
    ///
    /// Not where that would take the connection or the loop near a limit: nobody is given up for what it was not offered.
    /// TLS does not wait either, for it would encrypt, and hold, what nobody else has.
    private func postpones(_ queue: OutputQueue, adding count: Int = 0) -> Bool {
        guard loop.sending.isSpent, queue.tls == nil, loop.unsentBytes.hasRoom(for: count),
            queue.heldByteCount + count <= (handler?.outputLimit ?? .max) / 2
        else { return false }
        queue.watch?.postpone()
        if !queue.isPostponed {
            queue.isPostponed = true
            loop.sending.postpone(token)
        }
        return true
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
