/// The help.
enum Usage {
    static var text: String {
        let commands = Command.allCases.compactMap { command in
            command.summary.map { (command.rawValue + command.operands, $0) }
        }
        let options = Option.all.filter { !$0.help.isEmpty }.map { option in
            (option.placeholder.map { "\(option.name) \($0)" } ?? option.name, option.help)
        }
        return """
            usage: bench COMMAND [OPTION…]

            \(list(commands))

            \(list(options))

            Each measuring command starts its own servers and load generator, one process each. It fails, and gives no \
            figure, if a
            reply is wrong, lost or not asked for.
            """
    }

    private static func list(_ lines: [(name: String, help: String)]) -> String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { line in
            "  \(line.name)\(String(repeating: " ", count: width - line.name.count))  \(line.help)"
        }.joined(separator: "\n")
    }
}
