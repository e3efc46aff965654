import CommandLineOptions

/// The command line.
struct Options {
    var command: Command?
    var wantsHelp = false
    /// What follows the command and is no option.
    var operands: [String] = []

    var redis = "redis://127.0.0.1:6379"
    var adapter: ClusterAdapter?

    var port = 3000
    var loops: Int?
    var isTethered = false

    var connections: Int?
    var inFlight: [Int] = []
    var payload = Payload()
    var rooms = 0
    var work = Work.echo
    var seconds: Double?
    var rounds: Int?
    var rate: Rate?

    var url: String?
    var process: Int32?
    var isRaw = false
    var compresses = false
    var isVersion2 = false
    var hasEvents = false
    var json = false
    var countsInstructions = false
    var renews = false

    /// How many messages in a second.
    enum Rate: Equatable {
        case fixed(Double)
        /// Half of what was measured without a rate.
        case half
    }

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        operands = try Option.read(arguments, into: &self, knowing: Option.all)
        if let word = operands.first {
            guard let command = Command(rawValue: word) else { throw UsageError("unknown command \(word)") }
            self.command = command
            operands.removeFirst()
        }
        guard !isRaw || !compresses && !isVersion2 else {
            throw UsageError("a server of --raw has neither --compress nor --version-2")
        }
        guard payload.event != nil else {
            throw UsageError("there is no \(payload.handler) handler that takes a \(payload.kind)")
        }
    }
}
