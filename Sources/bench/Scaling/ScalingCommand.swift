import Glibc
import Synchronization

/// `bench scaling`: guards what a peer or an application can make large against costs that grow with it.
struct ScalingCommand: Sendable {
    private let operations: [[ScalingOperation]]
    private let outcomes = Outcomes()

    /// How long an operation may take under callgrind, on a machine that has much else to do.
    private static let patience = Duration.seconds(40)
    private static let workers = 2

    private typealias Outcome = Result<ScalingCost, LoadFailure>

    private final class Outcomes: Sendable {
        let byName = Mutex<[String: Outcome]>([:])
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
                let outcome = Outcome { () throws(LoadFailure) in
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

    private func report() throws(LoadFailure) {
        let outcomes = outcomes.byName.withLock { $0 }
        var table = Table(["", "n", "one of n", "one of 8 n", "ratio"])
        var failed: [String] = []
        var remarks: [String] = []
        for operation in operations.joined() {
            var cells = [operation.name, "\(operation.count)"]
            switch outcomes[operation.name] {
            case .success(let cost):
                cells += [Figure.text(cost.few, 0), Figure.text(cost.many, 0), Figure.text(cost.ratio, 2)]
                if !cost.isSteady { failed.append(operation.name) }
            case .failure(let failure):
                failed.append(operation.name)
                remarks.append("\(operation.name): \(failure)")
            case nil: failed.append(operation.name)
            }
            table.add(cells)
        }
        print(table.text)
        for remark in remarks { print(remark) }
        guard failed.isEmpty else {
            throw LoadFailure("the cost of one grows with their number: \(failed.joined(separator: ", "))")
        }
    }
}
