import Synchronization

/// Numbers in the order in which they came.
final class Collected: Sendable {
    private let numbers = Mutex<[Int]>([])

    func append(_ number: Int) {
        numbers.withLock { $0.append(number) }
    }

    var all: [Int] { numbers.withLock { $0 } }
}
