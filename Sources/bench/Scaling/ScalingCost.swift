/// What one operation costs among few and among many, in instructions.
struct ScalingCost: Equatable {
    /// How many more there are of the many than of the few.
    static let factor = 8
    /// The cost of one may grow by this much.
    static let tolerance = 0.3

    /// Of one among `count`.
    let few: Double
    /// Of one among `factor` times as many.
    let many: Double

    /// - Parameter parts: Instructions before and during the run of one operation alone, of `count`, and of `factor`
    ///   times as many. What the one costs alone holds everything that is there once in a run, and is not counted.
    init(ofParts parts: [Int], count: Int) throws(LoadFailure) {
        guard parts.count == 6 else { throw LoadFailure("valgrind counts \(parts.count) parts") }
        let totals = [parts[1], parts[3], parts[5]]
        few = Double(totals[1] - totals[0]) / Double(count - 1)
        many = Double(totals[2] - totals[0]) / Double(count * Self.factor - 1)
        guard few >= 1, many >= 1 else { throw LoadFailure("nothing is done for each") }
    }

    var ratio: Double { many / few }
    var isSteady: Bool { ratio <= 1 + Self.tolerance }
}
