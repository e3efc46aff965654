/// The ways in which a connection ends.
extension TCPConnection {
    package enum LossReason {
        case closedByPeer
        /// Elsewhere, because most connections never have one.
        indirect case failed(SystemError)
        /// The peers could not agree on TLS, or one broke its rules.
        indirect case insecure(TLSError)
        /// The peer does not read: more than `outputLimit` bytes wait for it, or it has taken nothing for `stallTime`, or
        /// what waits on the loop is too much in all.
        case outputLimit
    }

    /// Sends what is left, then closes, allowing the peer a moment to read it. The handler hears nothing more.
    ///
    /// - Parameter limit: How long to wait for the peer to close, so that the last bytes are not lost to a reset.
    package func finish(waiting limit: Duration = .seconds(2)) {
        if case .failing = state { handler = nil }
        guard isOpen else { return }
        handler = nil
        state = .finishing
        cancelWatch()
        watch(for: .read, true)
        madeQueue().watch = StallWatch(endingWithin: limit)
        rearmWatch()
        // With or without output, the flush at the end of the turn tells the peer that nothing more comes.
        loop.mark(self, token: token)
    }

    /// A connection that ends was flushed: what comes next once everything is sent.
    func goOnEnding() {
        guard bufferedByteCount == 0 else { return }
        if let queue, queue.owesGoodbye {
            if let reason = queue.sayGoodbye(to: socket) { fail(because: reason) }
            // A handshake that is under way comes first.
            guard !queue.owesGoodbye else { return }
            return afterFlush()
        }
        guard isReading else { return close() }
        StreamSocket.finishSending(socket)
        rearmWatch()
    }

    func rearmWatch() {
        cancelWatch()
        guard let queue, let period = queue.watch?.period else { return }
        queue.watch?.timer = loop.schedule(self, after: period)
    }

    func cancelWatch() {
        if let timer = queue?.watch?.timer { loop.cancel(timer) }
    }

    /// What arrives is thrown away.
    func discard() {
        switch loop.receiveRegion.receive(from: socket) {
        case .bytes, .nothing: break
        case .failure: close()
        case .end:
            guard bufferedByteCount > 0 || isDirty else { return close() }
            // The peer still reads: only once everything is sent is there nothing left to wait for.
            watch(for: .read, false)
        }
    }

    /// The socket failed while nothing is read from it: whoever reads no bytes is given none now.
    func endUnread() {
        switch state {
        // Only within the process: what a peer there has left is not lost with it.
        case .open where handler?.readsWhatIsLeft == true: setReading(true)
        case .open, .peerFinished, .failing: lose(because: .closedByPeer)
        case .finishing: close()
        case .closed: break
        }
    }

    // MARK: Loss

    /// Gives the connection up with the end of the turn: sending happens in the middle of application code, which is not
    /// to be entered again there.
    func fail(because reason: LossReason) {
        switch state {
        case .open, .peerFinished, .finishing: break
        case .failing, .closed: return
        }
        cancelWatch()
        state = .failing
        loop.turnEnd.note(lossOf: self, because: reason)
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
}

extension TCPConnection {
    /// How many bytes wait for the peer to take them. What the kernel has counts: it holds megabytes, and says that it can
    /// take more in large steps only. A system call.
    package var untakenByteCount: Int {
        switch state {
        case .open, .peerFinished, .finishing, .failing:
            bufferedByteCount + StreamSocket.unacknowledgedByteCount(of: socket)
        case .closed: 0
        }
    }
}

extension TCPConnection: TimerTarget {
    package func timerFired(now: ContinuousClock.Instant) {
        guard let queue else { return }
        let unsent = untakenByteCount
        if queue.isPostponed { queue.watch?.postpone() }
        let waits =
            queue.watch?.waits(
                taken: queue.takenByteCount + queue.byteCount - unsent, unsent: unsent) == true
        switch state {
        case .open, .peerFinished: if !waits { return giveUp() }
        case .finishing: if !waits || unsent == 0 { return close() }
        case .failing, .closed: return
        }
        rearmWatch()
    }
}
