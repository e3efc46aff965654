/// The commands that run a load against servers and print what it comes to.
struct MeasureCommand {
    private let work: Work
    private let options: Options
    private let trials: Trials

    /// `bench echo` and the like: of this executable, or of the server at a URL.
    init(_ work: Work, _ options: Options) {
        self.work = work
        self.options = options
        trials = Trials(options)
    }

    /// `bench compare A B`.
    init(comparing options: Options) throws(UsageError) {
        guard options.operands.count == 2 else { throw UsageError("compare needs two executables") }
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
