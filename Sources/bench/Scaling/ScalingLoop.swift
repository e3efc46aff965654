import CommandLineOptions
import Glibc

/// What runs under callgrind: operations, one after another, each between marks.
enum ScalingLoop {
    /// Runs them, says of each how many marks it has made and, if it has failed, why, and ends the process.
    static func run(_ names: [String]) -> Never {
        Host.raiseDescriptorLimit()
        Task.detached {
            let all = ScalingOperation.all().joined()
            for name in names {
                var marks = 0
                do {
                    guard let operation = all.first(where: { $0.name == name }) else {
                        throw UsageError("there is no operation \(name)")
                    }
                    try await measure(operation, marks: &marks)
                    Host.printLine(ScalingAnswer(marks: marks).line)
                } catch {
                    Host.printLine(ScalingAnswer(marks: marks, failure: "\(error)").line)
                }
            }
            exit(0)
        }
        while true { pause() }
    }

    private static func measure(_ operation: ScalingOperation, marks: inout Int) async throws {
        // What only the first run in a process costs is not counted.
        let first = try await operation.prepare(operation.count)
        try await first.run()
        try await first.end()
        for count in [1, operation.count, operation.count * ScalingCost.factor] {
            let trial = try await operation.prepare(count)
            mark(&marks)
            try await trial.run()
            mark(&marks)
            try await trial.end()
        }
    }

    private static func mark(_ marks: inout Int) {
        marks += 1
        Mark.noticedByCallgrind()
    }
}
