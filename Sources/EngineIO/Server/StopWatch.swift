internal import NetLoop
internal import Synchronization

/// The signals at which one `run` ends.
final class StopWatch: Sendable {
    private let fired = Atomic<Bool>(false)
    private let watch = Mutex<SignalWatch?>(nil)

    init(_ signals: Set<StopSignal>, _ body: @escaping @Sendable (StopSignal) -> Void) {
        // Without descriptors for it there is none for the server either, which says so.
        let watch = try? SignalWatch.start(Set(signals.map(\.signal))) { [weak self] signal in
            self?.fired.store(true, ordering: .releasing)
            body(StopSignal(signal: signal))
        }
        self.watch.withLock { $0 = watch }
    }

    /// Whether a signal came.
    var hasFired: Bool { fired.load(ordering: .acquiring) }

    func end() {
        watch.withLock { $0.take() }?.end()
    }
}
