/// The loop's end, and what comes after it: who waits for an answer gets one, and suspended tasks go on.
extension EventLoop {
    /// Ends a loop that does not run, as `stop` ends one that does.
    package func end() {
        hasEnded = true
        finishLateWork(once: true)
    }

    /// Does what is left and what is late: on this thread `once`, since whoever ends the loop waits for it, and then on one
    /// that is started when there is something.
    private func finishLateWork(once: Bool = false) {
        repeat {
            claim(for: LoopThread.currentID)
            deliverMail()
            runJobs()
            forgetAll()
            // Before the next reader could set it.
            claim(for: 0)
            if !hasJobs, mailbox.endReading() { return }
        } while !once
        startLateReader()
    }

    /// Nothing is served and nothing fires any more, and each of these holds the loop that holds it.
    private func forgetAll() {
        closeAll()
        timers.forgetAll()
        sending.forgetAll()
        turnEnd.forgetAll()
        unsentBytes.removeLimit()
    }

    func startLateReader() {
        do {
            try LoopThread.start { self.finishLateWork() }.detach()
        } catch {
            // Without a thread nobody can be answered; the next message tries again.
            mailbox.abandonReading()
        }
    }
}
