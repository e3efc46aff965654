/// How late a loop gets to what it has to do: measured from the first question on, and for as long as somebody goes on
/// asking. A loop that nobody asks is not woken for it.
///
/// Lives on the loop.
package final class LoopLag: TimerTarget {
    private unowned let loop: EventLoop
    private var timer: (id: TimerID, due: EventLoop.Instant)?
    /// The latest since it was asked for.
    private var largest = Duration.zero
    private var asked: EventLoop.Instant

    /// How often it is looked at.
    package static let interval = Duration.milliseconds(500)
    /// How long it is looked at after a question.
    package static let patience = Duration.seconds(120)

    package init(of loop: EventLoop) {
        self.loop = loop
        asked = loop.now
    }

    /// The latest that the loop was since the last question.
    ///
    /// - Parameter asking: When this question was put, on another thread.
    package func take(asking: EventLoop.Instant) -> Duration {
        let now = loop.time
        asked = now
        note(asking.duration(to: now))
        if let timer { note(timer.due.duration(to: now)) } else { arm() }
        defer { largest = .zero }
        return largest
    }

    /// Nobody will ask any more.
    package func stop() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
    }

    private func note(_ lag: Duration) { largest = max(largest, lag) }

    private func arm() {
        let due = loop.time.advanced(by: Self.interval)
        timer = (loop.schedule(self, at: due), due)
    }

    package func timerFired(now: EventLoop.Instant) {
        guard let due = timer?.due else { return }
        let time = loop.time
        note(due.duration(to: time))
        timer = nil
        if asked.duration(to: time) < Self.patience { arm() }
    }
}
