/// Rounds in which servers take turns.
struct Comparison {
    let trials: [Trial]
    /// The rounds of each trial.
    let rounds: [[LoadResult]]

    init(_ trials: [Trial], _ options: Options) throws {
        var trials = trials
        if let rate = options.rate {
            for index in trials.indices {
                switch rate {
                case .fixed(let rate): trials[index].plan.pace = .steady(rate)
                case .half: trials[index].plan.pace = .steady((try trials[index].run().rate / 2).rounded())
                }
            }
        }
        var rounds = trials.map { _ in [LoadResult]() }
        for _ in 0..<(options.rounds ?? trials[0].plan.work.defaultRounds) {
            for index in trials.indices { rounds[index].append(try trials[index].run()) }
        }
        self.trials = trials
        self.rounds = rounds
    }
}

extension Trial {
    fileprivate func run() throws -> LoadResult {
        do {
            return try subject.measure(plan)
        } catch let failure as LoadFailure {
            throw LoadFailure("\(name): \(failure)")
        }
    }
}

extension Work {
    fileprivate var defaultRounds: Int {
        switch self {
        // A second round would find the memory of the first.
        case .idle: 1
        case .echo, .ack, .joinLeave, .broadcast, .events, .connect, .polling: 3
        }
    }
}
