import Synchronization

/// What happened, as lines, for a test to wait for.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] { lines.withLock { $0 } }

    /// The lines once there are `count`, or what there is when the patience is over.
    func wait(for count: Int, patience: Duration = .seconds(10)) async -> [String] {
        _ = await eventually(patience: patience) { all.count >= count }
        return all
    }
}
