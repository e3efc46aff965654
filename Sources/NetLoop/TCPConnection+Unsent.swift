/// What waits for a peer that does not take it.
extension TCPConnection {
    /// Whether everything sent before this turn is with the kernel.
    package var isWritable: Bool { bufferedByteCount == 0 && isOpen }

    /// How many bytes wait for the peer to read, without this turn's.
    package var bufferedByteCount: Int { queue?.byteCount ?? 0 }

    /// How many bytes are held for that, whoever else they are held for.
    package var heldByteCount: Int { queue?.heldByteCount ?? 0 }

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
