/// Counts instructions with valgrind, which finds the same number for the same work wherever it runs.
struct Callgrind {
    /// How often a codec does its work.
    private static let repetitions = 1_000
    /// How many messages are sent, or delivered: whole batches of 16, also to 100 members.
    private static let messages = 16_000
    private static let patience = Duration.seconds(120)

    init() throws(LoadFailure) {
        guard let version = try? ChildProcess(["valgrind", "--version"]), version.wait() == 0 else {
            throw LoadFailure("valgrind is not installed")
        }
    }

    /// Instructions of each of these codec operations.
    func instructions(of operations: [String]) throws -> [Double] {
        let counts = try counts { command in
            let arguments = ["codec-loop", "\(Self.repetitions)"] + operations
            let process = try ChildProcess(command + [Subject.executable] + arguments)
            guard process.rest(patience: Self.patience) != nil, process.wait() == 0 else {
                throw LoadFailure("codec-loop fails under valgrind")
            }
        }
        // Each operation stands between two marks.
        guard counts.count == operations.count * 2 else {
            throw LoadFailure("valgrind counts \(counts.count) parts")
        }
        return operations.indices.map { Double(counts[$0 * 2 + 1]) / Double(Self.repetitions) }
    }

    /// Instructions that the server takes for each message of `plan`, which must not leave batches to chance.
    func instructions(of plan: LoadPlan) throws -> Double {
        let counts = try counts { command in
            var plan = plan
            // A broadcast counts once for each member.
            plan.extent = .messages(plan.work == .broadcast ? Self.messages / plan.connections : Self.messages)
            let server = try Subject.server(loops: 1, under: command)
            _ = try server.measure(plan)
            server.stop()
        }
        guard counts.count == 2 else { throw LoadFailure("valgrind counts \(counts.count) parts") }
        return Double(counts[1]) / Double(Self.messages)
    }

    /// Runs `run` with what to put before a command, and returns the instructions before each `Mark`.
    private func counts(_ run: ([String]) throws -> Void) throws -> [Int] {
        let output = try CallgrindOutput()
        try run(output.command)
        return output.takeCounts()
    }

    /// The number in the line `totals: N` of callgrind's output.
    static func total(in output: String) -> Int? {
        // It is the last line of many.
        for line in output.suffix(1_000).split(separator: "\n").reversed() where line.hasPrefix("totals: ") {
            return Int(line.dropFirst("totals: ".count))
        }
        return nil
    }
}
