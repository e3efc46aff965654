/// The parts of a help text.
package enum Help {
    /// What each name means, in two columns; nothing of what has no meaning for people.
    package static func list(_ lines: [(name: String, help: String)]) -> String {
        let lines = lines.filter { !$0.help.isEmpty }
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { name, help in
            let gap = String(repeating: " ", count: width - name.count + 2)
            let indented = help.split(separator: "\n").joined(
                separator: "\n" + String(repeating: " ", count: width + 4))
            return "  \(name)\(gap)\(indented)"
        }.joined(separator: "\n")
    }
}
