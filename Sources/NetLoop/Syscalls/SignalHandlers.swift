#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import Synchronization

/// The process's handlers of signals that ask it to end. A signal interrupts whichever thread it likes, wherever that is:
/// the handler only says to a thread of its own which one came. Another one before the first has been answered ends the
/// process at once.
enum SignalHandlers {
    /// What was there before, by the signal's number.
    @safe struct Former {
        fileprivate let action: sigaction
    }

    /// Installs the handler of `signal`; nil if the system does not allow that.
    static func install(for signal: CInt) -> Former? {
        var action = sigaction()
        #if canImport(Glibc)
            unsafe action.__sigaction_handler.sa_handler = signalArrived
        #else
            unsafe action.__sigaction_u.__sa_handler = signalArrived
        #endif
        action.sa_flags = CInt(SA_RESTART)
        var former = sigaction()
        // SAFETY: both are locals of the type that is read and written.
        guard unsafe sigaction(signal, &action, &former) == 0 else { return nil }
        return Former(action: former)
    }

    /// Installs what was there before, unless somebody else has installed a handler since.
    static func restore(_ former: Former, for signal: CInt) {
        var current = sigaction()
        // SAFETY: as above.
        guard unsafe sigaction(signal, nil, &current) == 0, isOurs(current) else { return }
        var action = former.action
        _ = unsafe sigaction(signal, &action, nil)
    }

    private static func isOurs(_ action: sigaction) -> Bool {
        let ours: @convention(c) (CInt) -> Void = signalArrived
        #if canImport(Glibc)
            let handler = unsafe action.__sigaction_handler.sa_handler
        #else
            let handler = unsafe action.__sigaction_u.__sa_handler
        #endif
        // SAFETY: addresses of functions are compared, not called.
        return unsafe unsafeBitCast(handler, to: UInt.self) == unsafeBitCast(ours, to: UInt.self)
    }

    /// From now on the next signal is a first one.
    static func reset() { wasTold.store(false, ordering: .relaxed) }

    /// Makes the thread that is told of signals, once for the process; calls `body` there for each of them.
    static func start(_ body: @escaping @Sendable (_ signal: CInt) -> Void) throws(SystemError) {
        var ends: (CInt, CInt) = (-1, -1)
        // SAFETY: a pair of descriptors is laid out as the two-element array that `pipe` fills.
        let failed = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe pipe($0.assumingMemoryBound(to: CInt.self).baseAddress)
        }
        guard failed == 0 else { throw SystemError("pipe") }
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let receiver = ends.0
        sender.store(ends.1, ordering: .relaxed)
        try LoopThread.start {
            while true {
                var number: UInt8 = 0
                // SAFETY: one byte of a local is written.
                let count = unsafe read(receiver, &number, 1)
                if count == 1 { body(CInt(number)) }
            }
        }.detach()
    }
}

// What the handler touches: no memory is asked for and no lock taken there. Each has been made before the first handler is
// installed.

/// Where the handler says which signal came; for as long as the process lives.
private let sender = Atomic<CInt>(-1)
/// Whether a signal came that is being answered.
private let wasTold = Atomic<Bool>(false)

private func signalArrived(_ number: CInt) {
    // What a shell says of a process that a signal ended. As process 1 of a container it could not end by the signal.
    if wasTold.exchange(true, ordering: .relaxed) { _exit(128 + number) }
    let error = errno
    var byte = UInt8(truncatingIfNeeded: number)
    // SAFETY: one byte of a local is read.
    _ = unsafe write(sender.load(ordering: .relaxed), &byte, 1)
    errno = error
}

/// A signal that asks the process to end.
package enum ProcessSignal: Hashable, Sendable, CaseIterable {
    case terminate
    case interrupt
    case hangup

    package var number: CInt {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangup: SIGHUP
        }
    }
}
