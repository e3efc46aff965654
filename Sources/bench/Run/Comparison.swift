/// Rounds in which servers take turns with the same load.
struct Comparison {
    let plan: LoadPlan
    let loops: Int
    /// The rounds of each server.
    let series: [(name: String, rounds: [LoadResult])]

    init(_ plan: LoadPlan, _ subjects: [Subject], _ options: Options) throws {
        self.plan = plan
        loops = options.loops ?? 1
        var rounds = subjects.map { _ in [LoadResult]() }
        var plans = subjects.map { _ in plan }
        if let rate = options.rate {
            for (index, subject) in subjects.enumerated() {
                switch rate {
                case .fixed(let rate): plans[index].pace = .steady(rate)
                case .half: plans[index].pace = .steady(try subject.measure(plan).rate / 2)
                }
            }
        }
        for _ in 0..<(options.rounds ?? 3) {
            for (index, subject) in subjects.enumerated() { rounds[index].append(try subject.measure(plans[index])) }
        }
        series = zip(subjects, rounds).map { ($0.name, $1) }
    }
}
