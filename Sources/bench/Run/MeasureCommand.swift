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
                Trials.Candidate(name: name) { loops in try .server(executable: executable, loops: loops) }
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
        case .broadcast, .connect, .idle: (takesKinds, hasPace) = ([.string], false)
        }
        guard takesKinds.contains(options.payload.kind) else {
            throw UsageError("\(rawValue) takes no argument of the kind \(options.payload.kind)")
        }
        guard hasPace || options.rate == nil else { throw UsageError("\(rawValue) has no --rate") }
    }
}
