/// The command line.
struct Options {
    var command: Command?
    var wantsHelp = false
    /// What follows the command and is no option.
    var operands: [String] = []

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
        var rest = arguments.makeIterator()
        while let word = rest.next() {
            if let option = Option.all.first(where: { $0.name == word }) {
                try option.read(&self, option.placeholder == nil ? "" : Self.value(of: word, from: &rest))
            } else if word.hasPrefix("--") {
                throw UsageError("unknown option \(word)")
            } else if command == nil {
                guard let command = Command(rawValue: word) else { throw UsageError("unknown command \(word)") }
                self.command = command
            } else {
                operands.append(word)
            }
        }
        guard payload.event != nil else {
            throw UsageError("there is no \(payload.handler) handler that takes a \(payload.kind)")
        }
    }

    private static func value(
        of option: String, from rest: inout some IteratorProtocol<String>
    ) throws(UsageError) -> String {
        guard let value = rest.next(), !value.isEmpty else { throw UsageError("\(option) needs a value") }
        return value
    }
}

/// What is wrong with the command line, in words for the person who typed it.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
