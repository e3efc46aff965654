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
        try await run(operation, operation.count) {}
        for count in ScalingCost.counts(operation.count) {
            try await run(operation, count) { mark(&marks) }
        }
    }

    private static func run(_ operation: ScalingOperation, _ count: Int, mark: () -> Void) async throws {
        let end = try await run(operation.prepare(count), mark: mark)
        try await end()
    }

    /// Runs a trial between two marks, and returns how to end it. What only the run needs is gone by then, as are its
    /// connections: a server that closes would wait a second for those that do not answer.
    private static func run(
        _ trial: consuming ScalingOperation.Trial, mark: () -> Void
    ) async throws -> () async throws -> Void {
        mark()
        try await trial.run()
        mark()
        return trial.end
    }

    private static func mark(_ marks: inout Int) {
        marks += 1
        Mark.noticedByCallgrind()
    }
}
