/// Counts instructions with valgrind, which gives the same count for the same work wherever it runs.
///
/// Each figure is the difference of two runs over the difference of their work, so that what a process does once is
/// not in it.
struct Callgrind {
    private static let patience = Duration.seconds(120)

    /// How much work the two runs do: whole batches of 16 to 20 members.
    private let counts = (low: 5 * 320, high: 35 * 320)

    init() throws(LoadFailure) {
        guard let version = try? ChildProcess(["valgrind", "--version"]), version.wait() == 0 else {
            throw LoadFailure("valgrind is not installed")
        }
    }

    /// Instructions of one codec operation.
    func instructions(of operation: String) throws -> Double {
        try perUnit { count, command in
            let process = try ChildProcess(command + [Subject.executable, "codec-loop", operation, "\(count)"])
            guard process.rest(patience: Self.patience) != nil, process.wait() == 0 else {
                throw LoadFailure("codec-loop \(operation) fails under valgrind")
            }
        }
    }

    /// Instructions that the server takes for each message of `plan`, which must not leave batches to chance.
    func instructions(of plan: LoadPlan) throws -> Double {
        try perUnit { count, command in
            var plan = plan
            plan.extent = .messages(count / plan.messagesPerRequest)
            let server = try Subject.server(loops: 1, under: command)
            _ = try server.measure(plan)
            // Valgrind writes its counts when the server ends.
            server.stop()
        }
    }

    private func perUnit(_ run: (Int, [String]) throws -> Void) throws -> Double {
        let low = try total(counts.low, run)
        let high = try total(counts.high, run)
        return Double(high - low) / Double(counts.high - counts.low)
    }

    private func total(_ count: Int, _ run: (Int, [String]) throws -> Void) throws -> Int {
        let file = try Host.temporaryFile()
        defer { Host.remove(file) }
        try run(
            count,
            [
                // Tables whose layout is drawn at random would cost more in one run than in another.
                "env", "SWIFT_DETERMINISTIC_HASHING=1",
                "valgrind", "--tool=callgrind", "--callgrind-out-file=\(file)", "--log-file=/dev/null",
            ])
        guard let total = Host.text(of: file).flatMap(Self.total) else {
            throw LoadFailure("valgrind writes no counts")
        }
        return total
    }

    /// The number in the line `totals: N` of callgrind's output.
    static func total(in output: String) -> Int? {
        for line in output.split(separator: "\n").reversed() where line.hasPrefix("totals: ") {
            return Int(line.dropFirst("totals: ".count))
        }
        return nil
    }
}

extension LoadPlan {
    /// A broadcast counts once for each member.
    fileprivate var messagesPerRequest: Int { work == .broadcast ? connections : 1 }
}
