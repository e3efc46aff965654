import Dispatch
import Foundation
import Synchronization

/// What the system tells the process.
final class Signals: Sendable {
    private let terminal: Terminal?
    private let inbox: Inbox
    private let wasInterrupted = Atomic(false)
    /// Held for their effect.
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    init(_ terminal: Terminal?, _ inbox: Inbox) {
        self.terminal = terminal
        self.inbox = inbox
        // A reader that is gone is an error of the write.
        on(SIGPIPE) {}
        on(SIGINT) { [self] in interrupt() }
        for number in [SIGTERM, SIGHUP, SIGQUIT] { on(number) { [self] in leave(with: 128 + number) } }
        guard terminal != nil else { return }
        on(SIGWINCH) { inbox.put(.resized) }
        on(SIGTSTP) { inbox.put(.suspended) }
        on(SIGCONT) { inbox.put(.resumed) }
    }

    private func on(_ number: Int32, _ handler: @escaping @Sendable () -> Void) {
        #if canImport(Darwin)
            // Dispatch looks on there, and leaves it to the process what becomes of a signal.
            signal(number, SIG_IGN)
        #endif
        sources.withLock { sources in
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler(handler: handler)
            source.activate()
            sources.append(source)
        }
    }

    /// Ctrl-C, by key or by signal: the first ends the session, the second waits for nothing at all.
    func interrupt() {
        guard wasInterrupted.exchange(true, ordering: .relaxed) else { return inbox.put(.interruption) }
        leave(with: 128 + SIGINT)
    }

    /// Stops the process as the terminal would have done it: with all others of the pipeline.
    func suspend() {
        // Where nobody would let it go on, it goes on.
        if getsid(0) != getpid() { kill(0, SIGTSTP) }
    }

    /// Restores the terminal and ends the process, whatever else it is doing.
    private func leave(with code: Int32) {
        // If not even that can be done.
        alarm(2)
        terminal?.restore()
        _exit(code)
    }
}
