/// How many instructions each hot path may take: a checked-in table of names and numbers.
struct Thresholds: Equatable {
    /// Measured figures may be this much higher.
    static let tolerance = 0.05

    private(set) var entries: [(name: String, value: Double)] = []

    static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    init() {}

    /// Reads lines of a name and a number; those that begin with `#` are remarks.
    init(parsing text: String) throws(LoadFailure) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else {
                throw LoadFailure("not a name and a number: \(line)")
            }
            entries.append((String(words[0]), value))
        }
    }

    subscript(name: String) -> Double? {
        entries.first { $0.name == name }?.value
    }

    mutating func append(_ name: String, _ value: Double) {
        entries.append((name, value))
    }

    /// As it is checked in.
    var text: String {
        let width = entries.map(\.name.count).max() ?? 0
        let lines = entries.map { entry in
            "\(entry.name)\(String(repeating: " ", count: width - entry.name.count)) \(Int(entry.value.rounded()))\n"
        }
        return Self.remark + lines.joined()
    }

    private static let remark = """
        # Instructions of the hot paths, per message or operation, under callgrind. Tests/run fails where one takes more
        # than 5 % over its figure here. Renew, with the reason in the commit: bench instructions --renew FILE

        """
}
