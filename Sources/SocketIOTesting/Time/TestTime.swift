internal import NetLoop
internal import Synchronization

/// The time of a server and its clients.
final class TestTime: Sendable {
    let source = ManualTime()
    private let patience: Duration
    private let loops = Mutex<[EventLoop]>([])

    /// How long `drive` lets go by, in real time, before it moves time, and by how much.
    private static let pause = Duration.milliseconds(100)
    private static let step = Duration.seconds(1)

    init(patience: Duration) {
        self.patience = patience
    }

    func add(_ more: [EventLoop]) {
        loops.withLock { $0 += more }
    }

    func remove(_ ended: [EventLoop]) {
        loops.withLock { loops in loops.removeAll { loop in ended.contains { $0 === loop } } }
    }

    /// Returns when nothing goes on.
    ///
    /// - Returns: When something may be due next.
    @discardableResult
    func settle() async throws -> ContinuousClock.Instant? {
        do throws(Settlement.Failure) {
            return try await Settlement(loops.withLock { $0 }).wait(within: patience)
        } catch {
            switch error {
            case .cancelled: throw CancellationError()
            case .busy: throw TestFailure("after \(patience) server and clients still have something to do")
            }
        }
    }

    /// Moves time on, from one deadline to the next, so that what is due first has all its consequences first.
    func advance(by duration: Duration) async throws {
        let goal = source.now.advanced(by: duration)
        while let next = try await settle(), next <= goal { move(to: next) }
        move(to: goal)
        try await settle()
    }

    private func move(to instant: ContinuousClock.Instant) {
        source.advance(by: max(source.now.duration(to: instant), .zero))
    }

    /// Does `work`, and moves time while it waits for something that only time brings; also in a task that is cancelled,
    /// which has to close everything, too.
    func drive(_ work: @escaping @Sendable () async -> Void) async {
        let isOver = Flag()
        await withTaskGroup { group in
            group.addTask {
                await work()
                isOver.set()
            }
            group.addTask { [self] in
                while true {
                    // Where nobody keeps it waiting, no time passes. Nobody sleeps in a cancelled task.
                    try? await Task.sleep(for: Self.pause)
                    guard !isOver.isSet else { return }
                    source.advance(by: Self.step)
                    await Settlement(loops.withLock { $0 }).wake()
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
