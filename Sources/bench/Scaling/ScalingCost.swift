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

    /// The runs that are measured. One operation alone has two: what comes by chance, as a thread that begins, costs as
    /// much as many operations, and subtracted it would make few of them cheap.
    static func counts(_ count: Int) -> [Int] { [1, 1, count, count * factor] }

    /// - Parameter parts: Instructions before and during each of the runs for `count`. What the one costs alone holds
    ///   everything that is there once in a run, and is not counted.
    init(ofParts parts: [Int], count: Int) throws(LoadFailure) {
        guard parts.count == 8 else { throw LoadFailure("valgrind counts \(parts.count) parts") }
        let one = min(parts[1], parts[3])
        few = Double(parts[5] - one) / Double(count - 1)
        many = Double(parts[7] - one) / Double(count * Self.factor - 1)
        guard few >= 1, many >= 1 else { throw LoadFailure("nothing is done for each") }
    }

    var ratio: Double { many / few }
    var isSteady: Bool { ratio <= 1 + Self.tolerance }
}
