#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import Synchronization

/// What is done when the process ends by `exit` or by the end of `main`.
enum ProcessExit {
    private static let actions = Mutex<[@Sendable () -> Void]>([])

    /// Has `action` called, on whichever thread ends the process, while all others go on.
    static func call(_ action: @escaping @Sendable () -> Void) {
        let isFirst = actions.withLock { actions in
            actions.append(action)
            return actions.count == 1
        }
        guard isFirst else { return }
        _ = atexit {
            for action in ProcessExit.actions.withLock({ $0 }) { action() }
        }
    }
}
