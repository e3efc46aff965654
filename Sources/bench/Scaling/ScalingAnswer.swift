/// What the process that counts says of an operation.
struct ScalingAnswer: Equatable {
    /// How many marks it has made.
    let marks: Int
    /// Nil if the operation has worked.
    let failure: String?

    init(marks: Int, failure: String? = nil) {
        self.marks = marks
        self.failure = failure
    }

    /// Reads a number and, if there is one, a text behind it.
    init(parsing line: String) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard let marks = words.first.flatMap({ Int($0) }) else {
            self.init(marks: 0, failure: line)
            return
        }
        self.init(marks: marks, failure: words.count == 2 ? String(words[1]) : nil)
    }

    var line: String { "\(marks)" + (failure.map { " \($0)" } ?? "") }
}
