internal import Synchronization

/// Has somebody told of signals that ask the process to end, for as long as it exists and until `end`. What was to be done
/// with these signals before counts again once nobody watches them any more.
package final class SignalWatch: Sendable {
    private static let table = Mutex(Table())

    /// Who watches, and what was there before the first of them came.
    private struct Table {
        var watches: [(watch: SignalWatch, signals: Set<ProcessSignal>, isTold: Bool)] = []
        var former: [ProcessSignal: SignalHandlers.Former] = [:]
        var hasThread = false

        mutating func add(_ watch: SignalWatch, _ signals: Set<ProcessSignal>) throws(SystemError) {
            if !hasThread {
                try SignalHandlers.start { SignalWatch.arrived($0) }
                hasThread = true
            }
            resetIfNobodyIsTold()
            watches.append((watch, signals, isTold: false))
            for signal in signals where former[signal] == nil {
                former[signal] = SignalHandlers.install(for: signal.number)
            }
        }

        mutating func remove(_ watch: SignalWatch) {
            watches.removeAll { $0.watch === watch }
            resetIfNobodyIsTold()
            for (signal, action) in former where !watches.contains(where: { $0.signals.contains(signal) }) {
                SignalHandlers.restore(action, for: signal.number)
                former[signal] = nil
            }
        }

        /// Once all that were told of a signal have ended, the next one is a first one for those who are left.
        private func resetIfNobodyIsTold() {
            if !watches.contains(where: { $0.isTold }) { SignalHandlers.reset() }
        }

        /// Whom `signal` is for.
        mutating func tell(_ signal: ProcessSignal) -> [SignalWatch] {
            for place in watches.indices where watches[place].signals.contains(signal) { watches[place].isTold = true }
            return watches.filter { $0.signals.contains(signal) }.map(\.watch)
        }
    }

    private let body: @Sendable (ProcessSignal) -> Void

    private init(_ body: @escaping @Sendable (ProcessSignal) -> Void) {
        self.body = body
    }

    /// Calls `body`, on a thread of the process's own, when one of `signals` arrives. The next one ends the process at once.
    package static func start(
        _ signals: Set<ProcessSignal>, _ body: @escaping @Sendable (ProcessSignal) -> Void
    ) throws(SystemError) -> SignalWatch {
        let watch = SignalWatch(body)
        guard !signals.isEmpty else { return watch }
        let result = table.withLock { table in
            Result { () throws(SystemError) in try table.add(watch, signals) }
        }
        try result.get()
        return watch
    }

    package func end() {
        Self.table.withLock { $0.remove(self) }
    }

    private static func arrived(_ number: CInt) {
        guard let signal = ProcessSignal.allCases.first(where: { $0.number == number }) else { return }
        for watch in table.withLock({ $0.tell(signal) }) { watch.body(signal) }
    }
}
