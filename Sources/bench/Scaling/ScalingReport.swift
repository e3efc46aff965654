/// The table of all operations, and of those that fail once more: what is seen of a long output is its end.
struct ScalingReport {
    typealias Outcome = Result<ScalingCost, LoadFailure>

    private(set) var failed: [String] = []
    private var all = Table(header)
    private var grown = Table(header)
    private var remarks: [String] = []
    private var bounds: [String] = []

    private static let header = ["", "n", "one of n", "one of 8 n", "ratio"]

    /// - Parameters:
    ///   - outcome: Nil if the operation has not been measured.
    ///   - bound: What limits its cost where it grows.
    mutating func add(_ name: String, count: Int, _ outcome: Outcome?, bound: String? = nil) {
        var cells = [name, "\(count)"]
        switch outcome {
        case .success(let cost):
            cells += [Figure.text(cost.few, 0), Figure.text(cost.many, 0), Figure.text(cost.ratio, 2)]
            if !cost.isSteady, let bound {
                bounds.append("\(name) grows up to \(bound)")
            } else if !cost.isSteady {
                failed.append(name)
                grown.add(cells)
            }
        case .failure(let failure):
            failed.append(name)
            remarks.append("\(name): \(failure)")
        case nil:
            failed.append(name)
            remarks.append("\(name): not measured")
        }
        all.add(cells)
    }

    var text: String {
        guard !failed.isEmpty else { return ([all.text] + bounds).joined(separator: "\n") }
        return ([all.text] + bounds + ["", "The cost of one grows, or is not known:", "", grown.text] + remarks).joined(
            separator: "\n")
    }
}
