import Dispatch

/// Holds threads until it is opened.
final class BlockingGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
        semaphore.wait()
        // The next one may go too.
        semaphore.signal()
    }

    func open() {
        semaphore.signal()
    }
}
