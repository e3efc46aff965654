import Glibc
import Synchronization

/// `bench scaling`: guards what a peer or an application can make large against costs that grow with it.
struct ScalingCommand: Sendable {
    private let operations: [[ScalingOperation]]
    private let outcomes = Outcomes()

    /// How long an operation may take under callgrind, on a machine that has much else to do.
    private static let patience = Duration.seconds(40)
    private static let workers = 2

    private final class Outcomes: Sendable {
        let byName = Mutex<[String: ScalingReport.Outcome]>([:])
    }

    init(_ options: Options) throws {
        operations = try ScalingOperation.chosen(by: options.operands)
        _ = try Callgrind()
    }

    /// Measures, prints and ends the process.
    func run() -> Never {
        Task.detached {
            do {
                try await measure()
                try report()
                exit(0)
            } catch {
                print("failed: \(error)")
                exit(1)
            }
        }
        while true { pause() }
    }

    /// Two processes at a time, which count what they would alone.
    private func measure() async throws {
        var waiting = operations.makeIterator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.workers {
                if let next = waiting.next() { group.addTask { try measure(next) } }
            }
            while try await group.next() != nil {
                if let next = waiting.next() { group.addTask { try measure(next) } }
            }
        }
        // Chance makes one of many runs dear, but not the same one twice.
        let failed = Set(outcome.failed)
        for operation in operations.joined() where failed.contains(operation.name) { try measure([operation]) }
    }

    /// Measures operations in one process; in a further one those behind an operation that ends it, or has to be ended.
    private func measure(_ operations: [ScalingOperation]) throws {
        var rest = operations[...]
        while !rest.isEmpty {
            let output = try CallgrindOutput()
            let process = try ChildProcess(
                output.command + [Subject.executable, Command.scalingLoop.rawValue] + rest.map(\.name))
            var isAlive = true
            while isAlive, let operation = rest.popFirst() {
                let start = Clock.now
                let line = process.line(patience: Self.patience)
                isAlive = line != nil
                let outcome = ScalingReport.Outcome { () throws(LoadFailure) in
                    guard let line else {
                        let isOver = Clock.now - start >= Self.patience.nanoseconds
                        throw LoadFailure(isOver ? "takes longer than \(Self.patience)" : "ends the process")
                    }
                    let answer = ScalingAnswer(parsing: line)
                    // The process is at the next one by now.
                    let counts = output.takeCounts(atMost: answer.marks)
                    if let failure = answer.failure { throw LoadFailure(failure) }
                    return try ScalingCost(ofParts: counts, count: operation.count)
                }
                outcomes.byName.withLock { $0[operation.name] = outcome }
            }
        }
    }

    private var outcome: ScalingReport {
        let outcomes = outcomes.byName.withLock { $0 }
        var report = ScalingReport()
        for operation in operations.joined() {
            report.add(operation.name, count: operation.count, outcomes[operation.name], bound: operation.bound)
        }
        return report
    }

    private func report() throws(LoadFailure) {
        let report = outcome
        print(report.text)
        guard report.failed.isEmpty else {
            throw LoadFailure("over \(1 + ScalingCost.tolerance): \(report.failed.joined(separator: ", "))")
        }
    }
}
