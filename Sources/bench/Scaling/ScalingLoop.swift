import Glibc

/// What runs under callgrind: operations, one after another, each between marks.
enum ScalingLoop {
    /// Six marks for each operation.
    static let marks = 6

    /// Runs them, says of each whether it has worked, and ends the process.
    static func run(_ names: [String]) -> Never {
        Host.raiseDescriptorLimit()
        Task.detached {
            let all = ScalingOperation.all().joined()
            for name in names {
                do {
                    guard let operation = all.first(where: { $0.name == name }) else {
                        throw UsageError("there is no operation \(name)")
                    }
                    try await measure(operation)
                    Host.printLine("")
                } catch {
                    Host.printLine("\(error)")
                }
            }
            exit(0)
        }
        while true { pause() }
    }

    private static func measure(_ operation: ScalingOperation) async throws {
        // What only the first run in a process costs is not counted.
        try await run(operation, operation.count, marking: {})
        for count in [1, operation.count, operation.count * ScalingCost.factor] {
            try await run(operation, count, marking: Mark.noticedByCallgrind)
        }
    }

    private static func run(_ operation: ScalingOperation, _ count: Int, marking mark: () -> Void) async throws {
        let trial = try await operation.prepare(count)
        mark()
        try await trial.run()
        mark()
        try await trial.end()
    }
}
