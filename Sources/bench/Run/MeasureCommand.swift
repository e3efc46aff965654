import CommandLineOptions

/// The commands that run a load against servers and print what it comes to.
struct MeasureCommand {
    private let work: Work
    private let options: Options
    private let trials: Trials

    /// `bench echo` and the like: of this executable, or of the server at a URL.
    init(_ work: Work, _ options: Options) throws(UsageError) {
        try work.check(options)
        self.work = work
        self.options = options
        trials = Trials(options)
    }

    /// `bench compare A B`.
    init(comparing options: Options) throws(UsageError) {
        guard options.operands.count == 2 else { throw UsageError("compare needs two executables") }
        try options.work.check(options)
        work = options.work
        self.options = options
        trials = Trials(
            options,
            zip(["A", "B"], options.operands).map { name, executable in
                Trials.Candidate(name: name) { loops in
                    try .server(
                        executable: executable, loops: loops, compresses: options.compresses,
                        isVersion2: options.isVersion2)
                }
            })
    }

    func run() throws {
        for inFlight in options.inFlight.isEmpty ? work.defaultInFlight : options.inFlight {
            let comparison = try Comparison(trials.make(work, inFlight: inFlight), options)
            print(options.json ? try JSONText.encode(comparison.summary) : comparison.summary.text)
        }
    }
}

extension Work {
    /// Refuses options that this work would not heed.
    fileprivate func check(_ options: Options) throws(UsageError) {
        let takesKinds: [Payload.Kind]
        let hasPace: Bool
        switch self {
        case .echo: (takesKinds, hasPace) = ([.string, .object, .binary], true)
        case .polling: (takesKinds, hasPace) = ([.string, .object], false)
        case .ack, .joinLeave: (takesKinds, hasPace) = ([.string], true)
        case .broadcast, .events, .connect, .idle: (takesKinds, hasPace) = ([.string], false)
        }
        guard takesKinds.contains(options.payload.kind) else {
            throw UsageError("\(rawValue) takes no argument of the kind \(options.payload.kind)")
        }
        guard hasPace || options.rate == nil else { throw UsageError("\(rawValue) has no --rate") }
        try checkTransport(options)
    }

    private func checkTransport(_ options: Options) throws(UsageError) {
        let isOfMessages =
            switch self {
            case .echo, .ack, .broadcast, .joinLeave: true
            case .connect, .idle, .polling, .events: false
            }
        guard isOfMessages || !options.compresses && !options.isVersion2 else {
            throw UsageError("\(rawValue) has neither --compress nor --version-2")
        }
        guard !options.compresses || options.payload.bytes >= 1024 else {
            throw UsageError("messages are compressed from 1024 bytes on: say --payload 4000, or so")
        }
    }
}
