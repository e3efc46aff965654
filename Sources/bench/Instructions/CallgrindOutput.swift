import NetLoop

/// What callgrind counts in one process, mark by mark, and the file that it writes.
final class CallgrindOutput {
    /// What to put before the command of the process.
    let command: [String]
    private let file: String
    private var taken = 0

    init() throws(SystemError) {
        file = try Host.temporaryFile()
        command = [
            // Tables whose layout is drawn at random would cost more in one run than in another.
            "env", "SWIFT_DETERMINISTIC_HASHING=1",
            "valgrind", "--tool=callgrind", "--callgrind-out-file=\(file)", "--dump-before=*\(Mark.symbol)*",
            "--log-file=/dev/null",
        ]
    }

    deinit {
        _ = takeCounts()
        Host.remove(file)
    }

    /// The instructions before each `Mark` since the last call, of the first `limit` marks only.
    func takeCounts(atMost limit: Int = .max) -> [Int] {
        var counts: [Int] = []
        while counts.count < limit, let text = Host.text(of: "\(file).\(taken + 1)"),
            let total = Callgrind.total(in: text)
        {
            taken += 1
            Host.remove("\(file).\(taken)")
            counts.append(total)
        }
        return counts
    }
}
